package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Start and Stop return at once under a service manager, and Stop waits for the
// session, but not for ever.
func TestManaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &managed{run: func(ctx context.Context) error { <-ctx.Done(); time.Sleep(2 * time.Second); return nil }}
		began := time.Now()
		if err := m.Start(nil); err != nil || time.Since(began) != 0 {
			t.Errorf("Start: %v after %v", err, time.Since(began))
		}
		if err := m.Stop(nil); err != nil || time.Since(began) != 2*time.Second {
			t.Errorf("Stop: %v after %v", err, time.Since(began))
		}
	})
}

func TestManagedHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		m := &managed{run: func(context.Context) error { <-hang; return nil }}
		m.Start(nil)
		began := time.Now()
		if err := m.Stop(nil); err == nil || time.Since(began) != stopPatience {
			t.Errorf("Stop of a session that hangs: %v after %v", err, time.Since(began))
		}
	})
}

// A service that ends by itself must not look as if it ran.
func TestManagedDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		m := &managed{run: func(context.Context) error { return errors.New("no socket") }, died: func(err error) { cause = err }}
		m.Start(nil)
		synctest.Wait()
		if cause == nil || cause.Error() != "no socket" {
			t.Errorf("it has died of %v", cause)
		}
	})
}

func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := within(time.Second, func() error { time.Sleep(time.Minute); return nil }); !errors.Is(err, errSlow) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute) // what is late goes on
		no := errors.New("no")
		if err := within(time.Second, func() error { return no }); err != no {
			t.Errorf("%v", err)
		}
	})
}
