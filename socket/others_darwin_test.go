package socket

import (
	"testing"
	"time"
)

type usage struct{}

func processors(*testing.T) usage { return usage{} }

// others cannot be told here: no round is excused.
func others(*testing.T, usage, time.Duration) float64 { return 0 }
