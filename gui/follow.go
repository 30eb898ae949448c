package gui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"muvpn/client"
)

// again is how long the service is left alone after it could not be asked, and
// patience how long it may take to answer a request.
const (
	again    = 2 * time.Second
	patience = 30 * time.Second
)

// Follow tells the window what the service at path says, until the context
// ends; empty: wherever it listens. A service that is not there is asked again.
func (w *Window) Follow(ctx context.Context, path string) {
	w.path = path
	go func() {
		for ctx.Err() == nil {
			err := w.watch(ctx, path)
			if ctx.Err() != nil {
				return
			}
			w.post(func() {
				w.client = nil
				w.see(func(s *Seen) { s.Asked, s.Absent = true, err })
				w.importing.tell()
			})
			select {
			case <-time.After(again):
			case <-ctx.Done():
			}
		}
	}()
}

// watch follows one connection to the service to its end.
func (w *Window) watch(ctx context.Context, path string) error {
	c, err := client.Dial(ctx, path)
	if err != nil {
		return err
	}
	defer c.Close()
	profiles, err := c.Profiles(ctx)
	if err != nil {
		return err
	}
	w.post(func() {
		w.client = c
		w.seen.Profiles = profiles
	})
	for now, err := range c.Watch(ctx) {
		if err != nil {
			return err
		}
		w.post(func() { w.take(now) })
	}
	return ctx.Err()
}

// take takes a new status.
func (w *Window) take(now client.Status) {
	stranger := now.UUID != "" && !w.knows(now.UUID)
	w.see(func(s *Seen) {
		s.Asked, s.Absent, s.Status = true, nil, now
		s.Trail, s.History = s.Trail.Follow(now.State), s.History.Follow(now, w.now())
	})
	w.importing.tell()
	if stranger { // somebody else has imported it
		w.reload()
	}
}

func (w *Window) knows(uuid string) bool {
	for _, p := range w.seen.Profiles {
		if p.UUID == uuid {
			return true
		}
	}
	return false
}

// reload asks for the list of profiles again.
func (w *Window) reload() {
	w.ask(func(ctx context.Context, c *client.Client) error {
		list, err := c.Profiles(ctx)
		if err == nil {
			w.post(func() { w.see(func(s *Seen) { s.Profiles = list }) })
		}
		return err
	})
}

// ask asks the service for something without keeping the window waiting, and
// shows what it refuses.
func (w *Window) ask(request func(context.Context, *client.Client) error) {
	w.askOver(w.window, nil, request)
}

// askOver is ask for another window, and for who needs to know that it was
// refused.
func (w *Window) askOver(over fyne.Window, refused func(), request func(context.Context, *client.Client) error) {
	c := w.client
	if c == nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := request(ctx, c); err != nil {
			w.post(func() {
				if refused != nil {
					refused()
				}
				w.complain(over, err)
			})
		}
	}()
}
