// Bundle makes NoxKey.app from its template and two universal binaries, makes the icon
// from its SVG source, writes the entitlements that codesign
// is given and the Homebrew cask, and checks all of them against DESIGN. It runs on
// Linux as on a Mac; building for the Mac and signing are scripts/app.sh, on a Mac.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"noxkey/tools/bundle/draw"
	"noxkey/tools/bundle/plist"
)

// errUsage is answered with usage.
var errUsage = errors.New("these arguments make no command")

const usage = `usage: bundle COMMAND
  icon                             make assets/NoxKey.icns from assets/NoxKey.svg
  assemble [flags]                 make NoxKey.app
  check NoxKey.app                 check layout, modes, Info.plist and binaries
  entitlements app|helper [TEAM]   print what codesign is given; without TEAM for an ad hoc signature
  signed app|helper [TEAM]         compare the entitlements on standard input with that
  cask [flags]                     print the Homebrew cask of a release
Run it in the repository's top folder.
`

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		if errors.Is(err, errUsage) {
			fmt.Fprint(os.Stderr, usage)
			os.Exit(2)
		}
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out, words io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch name, args := args[0], args[1:]; name {
	case "icon":
		return icon("assets")
	case "assemble":
		return assembleCommand(args, words)
	case "check":
		if len(args) != 1 {
			return errUsage
		}
		return all(bundleFaults(args[0]))
	case "entitlements":
		d, left, err := entitlements(args)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			fmt.Fprintf(words, "bundle: ad hoc, so without %s: no protected Keychain (-34018), and NoxKey says so\n", strings.Join(left, ", "))
		}
		b, err := plist.Write(d)
		if err != nil {
			return err
		}
		_, err = out.Write(b)
		return err
	case "signed":
		return signed(args, in)
	case "cask":
		return caskCommand(args, out)
	}
	return errUsage
}

// all makes one error of many faults.
func all(faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(faults, "\nbundle: "))
}

func assembleCommand(args []string, words io.Writer) error {
	p := parts{template: "NoxKey.app-template", icon: "assets/NoxKey.icns"}
	f := flag.NewFlagSet("assemble", flag.ContinueOnError)
	f.SetOutput(words)
	f.StringVar(&p.app, "app", "", "the app's universal `binary`")
	f.StringVar(&p.client, "client", "", "the client's universal `binary`")
	f.StringVar(&p.profile, "profile", "", "the team's provisioning `profile`; none for an ad hoc build")
	f.StringVar(&p.out, "out", "", "the `bundle` to make, replaced if it is there")
	f.StringVar(&p.describe, "version", "", "what git describe `says`")
	f.StringVar(&p.build, "build", "", "the `number` of commits")
	f.StringVar(&p.year, "year", "", "the `year` of the copyright")
	if err := f.Parse(args); err != nil {
		return err
	}
	if p.app == "" || p.client == "" || p.out == "" || f.NArg() > 0 {
		return errors.New("assemble wants -app, -client and -out")
	}
	if err := assemble(p); err != nil {
		return err
	}
	return all(bundleFaults(p.out))
}

// entitlements returns what codesign is to be given for app or helper, and the keys
// that were left out because there is no team.
func entitlements(args []string) (plist.Dict, []string, error) {
	if len(args) < 1 || len(args) > 2 || args[0] != "app" && args[0] != "helper" {
		return nil, nil, errUsage
	}
	b, err := os.ReadFile(filepath.Join("entitlements", args[0]+".plist"))
	if err != nil {
		return nil, nil, err
	}
	d, err := plist.Read(b)
	if err != nil {
		return nil, nil, err
	}
	if args[0] == "helper" {
		return d, nil, all(helperFaults(d))
	}
	return effective(d, strings.Join(args[1:], ""))
}

// signed compares what codesign -d printed with what was asked for; nothing printed
// means no entitlements.
func signed(args []string, in io.Reader) error {
	want, _, err := entitlements(args)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	got := plist.Dict{}
	if b = bytes.Trim(b, " \n\x00"); len(b) > 0 {
		if got, err = plist.Read(b); err != nil {
			return err
		}
	}
	return all(differ(got, want))
}

// icon makes NoxKey.icns from NoxKey.svg in dir.
func icon(dir string) error {
	pic, err := picture(filepath.Join(dir, "NoxKey.svg"))
	if err != nil {
		return err
	}
	b, err := pic.ICNS()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "NoxKey.icns"), b, 0o644)
}

func picture(path string) (*draw.Picture, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pic, err := draw.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pic, nil
}
