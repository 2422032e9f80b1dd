package handoff

import (
	"context"
	"os"
	"time"
)

// pollReader asks for a reader, often at first and then every 50 ms, which costs
// one poll(2) each.
func pollReader(ctx context.Context, pipe *os.File) error {
	for pause := time.Millisecond; !hasReader(pipe); pause = min(2*pause, 50*time.Millisecond) {
		if !sleep(ctx, pause) {
			return context.Cause(ctx)
		}
	}
	return context.Cause(ctx)
}
