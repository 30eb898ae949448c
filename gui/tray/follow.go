package tray

import (
	"context"
	"time"

	"muvpn/client"
)

// again is how long the service is left alone after it could not be asked, and
// patience how long it may take to answer a request.
const (
	again    = 2 * time.Second
	patience = 30 * time.Second
)

// follow calls see with all that the service at path says, and with why it cannot
// be asked, until the context ends. One that comes back within a moment, as after
// an update, was never away.
func follow(ctx context.Context, path string, see func(Seen)) {
	for failures := 0; ctx.Err() == nil; {
		heard, err := watch(ctx, path, see)
		if failures++; heard {
			failures = 1
		}
		if ctx.Err() == nil && failures == 2 {
			see(Seen{Absent: err})
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
		}
	}
}

// watch follows one connection to the service to its end. heard: it said
// something.
func watch(ctx context.Context, path string, see func(Seen)) (heard bool, err error) {
	c, err := client.Dial(ctx, path)
	if err != nil {
		return false, err
	}
	defer c.Close()
	var s Seen
	for now, err := range c.Watch(ctx) {
		if err != nil {
			return heard, err
		}
		if !heard || now.State != s.Status.State { // others may have imported or removed some
			if s.Profiles, err = c.Profiles(ctx); err != nil {
				return heard, err
			}
		}
		heard, s.Status = true, now
		see(s)
	}
	return heard, ctx.Err()
}

// profiles asks for the list of profiles, which is empty where it cannot be had.
func profiles(ctx context.Context, path string) (list []client.Profile) {
	request(ctx, path, func(ctx context.Context, c *client.Client) (err error) {
		list, err = c.Profiles(ctx)
		return err
	})
	return list
}

// request asks the service for one thing.
func request(ctx context.Context, path string, what func(context.Context, *client.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := client.Dial(ctx, path)
	if err != nil {
		return err
	}
	defer c.Close()
	return what(ctx, c)
}

// Herald tells the news of the service at path until the context ends, whenever
// it is our turn: a tray that runs tells them itself.
func Herald(ctx context.Context, path string, w Words, turn func() bool, open func()) {
	told := newBell(ctx, open)
	defer told.close()
	var before client.Status
	follow(ctx, path, func(now Seen) {
		if n := nextOf(before, now, w); n != nil && turn() {
			told.ring(*n)
		}
		before = now.Status
	})
}

// nextOf is Next and Gone.
func nextOf(before client.Status, now Seen, w Words) *News {
	if now.Absent != nil {
		return Gone(before, w)
	}
	return Next(before, now.Status, w)
}
