package outside_test

import _ "github.com/progrium/darwinkit/dispatch" // want "darwinkit/dispatch is imported outside"
