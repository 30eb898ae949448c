package lab

import (
	"context"
	"fmt"
	"sync"
	"time"

	"muvpn/client"
)

// Watcher is a program on the client's computer that watches the service all
// the time, as the window does, and asks things of it.
type Watcher struct {
	*client.Client
	cancel context.CancelFunc
	done   chan struct{} // closed when the watching has ended

	mu     sync.Mutex
	latest client.Status
}

// Watch begins to watch the service.
func (c *Client) Watch() (*Watcher, error) { return WatchAt(c.socket) }

// WatchAt is Watch of the service that listens at a socket.
func WatchAt(socket string) (*Watcher, error) {
	ctx, cancel := context.WithCancel(context.Background())
	api, err := client.Dial(ctx, socket)
	if err != nil {
		cancel()
		return nil, err
	}
	w := &Watcher{Client: api, cancel: cancel, done: make(chan struct{})}
	go w.watch(ctx)
	return w, nil
}

// watch keeps the latest status, until the service or the watching ends: from then
// on nothing is known.
func (w *Watcher) watch(ctx context.Context) {
	defer close(w.done)
	defer w.hears(client.Status{})
	for status, err := range w.Client.Watch(ctx) {
		if err != nil {
			return
		}
		w.hears(status)
	}
}

// hears keeps a status.
func (w *Watcher) hears(status client.Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.latest = status
}

// State is where the session stood when it was last heard of; empty: it is not
// heard of any more.
func (w *Watcher) State() client.State { return w.Latest().State }

// Latest is what was last heard of the session; zero: it is not heard of any more.
func (w *Watcher) Latest() client.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.latest
}

// Until waits until the session is in a state.
func (w *Watcher) Until(state client.State, limit time.Duration) error {
	for deadline := time.Now().Add(limit); w.State() != state; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return fmt.Errorf("the client is %s (%s: %s) after %v, not %s", w.latest.State, w.latest.Step, w.latest.Reason, limit, state)
		}
	}
	return nil
}

// Close ends the watching.
func (w *Watcher) Close() {
	w.cancel()
	<-w.done
	w.Client.Close()
}
