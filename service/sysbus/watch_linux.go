package sysbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// The services that are asked, see org.freedesktop.login1(5) and the D-Bus
// reference of NetworkManager.
const (
	loginName   = "org.freedesktop.login1"
	loginObject = "/org/freedesktop/login1"
	loginOf     = loginName + ".Manager"
	sessionOf   = loginName + ".Session"

	networkName   = "org.freedesktop.NetworkManager"
	networkObject = "/org/freedesktop/NetworkManager"

	propertiesOf = "org.freedesktop.DBus.Properties"
)

// answerTime is how long an answer may take; logind may have to be started for
// it.
const answerTime = 20 * time.Second

// watcher is one Watch.
type watcher struct {
	bus     *dbus.Conn
	tell    func(Event)
	signals chan *dbus.Signal
	lock    dbus.UnixFD // delays a sleep; below zero: none
	access  Access      // as it was told last
}

// Watch tells what the system does until ctx ends, on its caller's goroutine.
// address is that of the bus; empty: the system's. It returns an error when
// there is no bus, or when the bus ends, and nil when ctx ends.
func Watch(ctx context.Context, address string, tell func(Event)) error {
	c, err := connect(ctx, address)
	if err != nil {
		if !loginsCome("/") {
			tell(NoLogins{})
		}
		return fmt.Errorf("sysbus: %w", err)
	}
	defer c.Close()
	w := &watcher{bus: c, tell: tell, signals: make(chan *dbus.Signal, 64), lock: -1}
	defer w.unlock()
	c.Signal(w.signals)
	if err := w.begin(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("sysbus: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-w.signals:
			switch {
			case ctx.Err() != nil:
				return nil
			case !ok:
				return errors.New("sysbus: the message bus has ended")
			}
			w.signal(ctx, s)
		}
	}
}

func connect(ctx context.Context, address string) (*dbus.Conn, error) {
	if address == "" {
		return dbus.ConnectSystemBus(dbus.WithContext(ctx))
	}
	return dbus.Connect(address, dbus.WithContext(ctx))
}

// begin asks for what will happen, then for what has: nothing is missed between.
func (w *watcher) begin(ctx context.Context) error {
	for _, rule := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(loginName), dbus.WithMatchObjectPath(loginObject), dbus.WithMatchInterface(loginOf)},
		{dbus.WithMatchSender(networkName), dbus.WithMatchObjectPath(networkObject), dbus.WithMatchInterface(propertiesOf)},
	} {
		if err := w.bus.AddMatchSignalContext(ctx, rule...); err != nil {
			return err
		}
	}
	if err := w.beginLogins(ctx); err != nil {
		return err
	}
	w.delaySleep(ctx)
	w.lookAtNetwork(ctx)
	return nil
}

// signal takes one signal, if it is from whom it says: anybody on the bus may
// send us one that looks like it.
func (w *watcher) signal(ctx context.Context, s *dbus.Signal) {
	switch s.Name {
	case loginOf + ".SessionNew", loginOf + ".SessionRemoved", loginOf + ".PrepareForSleep":
		if w.owns(ctx, loginName, s.Sender) {
			w.login(ctx, s)
		}
	case propertiesOf + ".PropertiesChanged":
		w.lookAtNetwork(ctx)
	}
}

// owns says that the sender of a signal is the service of that name.
func (w *watcher) owns(ctx context.Context, name, sender string) bool {
	var owner string
	err := w.call(ctx, w.bus.BusObject(), "org.freedesktop.DBus.GetNameOwner", name).Store(&owner)
	return err == nil && owner == sender
}

// call makes a call whose answer is waited for so long and no longer.
func (w *watcher) call(ctx context.Context, o dbus.BusObject, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return o.CallWithContext(ctx, method, 0, args...)
}
