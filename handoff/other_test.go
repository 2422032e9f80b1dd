//go:build !linux

package handoff

import "errors"

func landlockABI() (int, error) { return 0, errors.New("it is Linux's") }

func helperLandlock() {}
