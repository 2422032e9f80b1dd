package types_test

import (
	"testing"

	"noxkey/tools/checkdarwin/testdata/types"
)

func TestOut(t *testing.T) {
	types.Missing() // want "undefined: types.Missing"
}
