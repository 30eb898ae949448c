//go:build !linux

package netcfg

import (
	"context"
	"time"
)

// tellSettled tells of changes once they have settled, and of a sleep when the
// clock on the wall has gone on without the program's, until ctx ends.
func tellSettled(ctx context.Context, news <-chan struct{}, tell func(Event)) error {
	before := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(settle):
		}
		select {
		case <-news: // settled with the rest
		default:
		}
		now := time.Now()
		e := Changed
		if now.Round(0).Sub(before.Round(0))-now.Sub(before) >= leastSleep {
			e |= Woke
		}
		before = now
		tell(e)
	}
}
