package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the released version; the linker may set it (-X noxkey/cli.Version=...).
var Version = "0.1.0-dev"

// build is what version prints.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
}

func versionCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print version, Go version and the commit it was built from",
		Long:    "Print the version of this program, the Go version, and the commit it was built from if the build knew it.",
		Example: "  noxkey version\n  noxkey version --json",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			b := buildInfo()
			if p.json {
				return printJSON(p.out, b)
			}
			_, err := fmt.Fprintf(p.out, "noxkey %s\n%s %s/%s%s\n", b.Version, b.Go, b.OS, b.Arch, b.commit())
			return err
		},
	}
	return p.listing(c)
}

func buildInfo() build {
	b := build{Version: Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (b build) commit() string {
	if b.Revision == "" {
		return ""
	}
	text := "\ncommit " + b.Revision + " of " + b.Time
	if b.Modified {
		text += ", with changes"
	}
	return text
}
