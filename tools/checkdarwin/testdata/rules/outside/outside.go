// Package outside is a fixture: it is not the package that may import darwinkit.
package outside

import _ "github.com/progrium/darwinkit/objc" // want "darwinkit/objc is imported outside noxkey/tools/checkdarwin/testdata/rules/appkit"
