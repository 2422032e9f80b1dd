package cli

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
)

// appNames are the app's binary as it may lie beside the client: as built, and
// in the bundle, where the client is Contents/Helpers/noxkey.
var appNames = []string{"noxkey-app", "bin/noxkey-app", "../MacOS/NoxKey"}

func appCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "app",
		Short:   "Start the app in this terminal",
		Long:    "Start the app (noxkey-app, looked for beside noxkey and in bin/ there) in place of this command. On Linux it needs the terminal.",
		Example: "  noxkey app\n  noxkey app --home /tmp/trial",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			path, err := findApp()
			if err != nil {
				return err
			}
			args := []string{path}
			if p.home != "" {
				args = append(args, "--home", p.home)
			}
			err = syscall.Exec(path, args, os.Environ())
			return failf("make run builds and starts it", "cannot start %s: %v", path, err)
		},
	}
}

func findApp() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(self); err == nil {
		self = real
	}
	for _, n := range appNames {
		path := filepath.Join(filepath.Dir(self), n)
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", failf("build it and start it from the source tree: make run", "noxkey-app is not beside %s", self)
}
