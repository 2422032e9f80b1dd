package appkit_test

import (
	"testing"

	"github.com/progrium/darwinkit/macos/appkit"
)

func TestSmall(*testing.T) {
	_ = appkit.NewView().IsHidden() // want "View.IsHidden returns bool, under 8 bytes"
}
