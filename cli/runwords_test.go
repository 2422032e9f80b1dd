package cli

import (
	"testing"

	"noxkey/secret"
)

// TestRunErrorKeepsTheRest: run's own hints are for what run words; every other error keeps
// its own, and its exit code, those of a newer app and of a sandbox among them.
func TestRunErrorKeepsTheRest(t *testing.T) {
	for _, err := range []error{
		secret.Errorf(secret.NotRunning, "the sandbox forbids sockets"), secret.Errorf("of_a_newer_app", "no"),
		secret.Errorf(secret.Denied, "no"), secret.Errorf(secret.Conflict, "it changed"),
	} {
		msg, hint, exit := explain(err)
		if m, h, e := explain(runError(err)); m != msg || h != hint || e != exit {
			t.Errorf("%q, %q, %d became %q, %q, %d", msg, hint, exit, m, h, e)
		}
	}
}
