package sysbus

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"muvpn/service/sysbus/sysbustest"
)

// The user at the screen, and who is not.
var (
	lisa    = sysbustest.Session{ID: "2", UID: 1000, Class: "user", Seat: "seat0", State: "active"}
	bart    = sysbustest.Session{ID: "7", UID: 1001, Class: "user", Seat: "seat0", State: "online"}
	greeter = sysbustest.Session{ID: "c1", UID: 113, Class: "greeter", Seat: "seat0", State: "active"}
	remote  = sysbustest.Session{ID: "3", UID: 1000, Class: "user", Seat: "seat0", State: "active", Remote: true}
	cron    = sysbustest.Session{ID: "4", UID: 0, Class: "background", State: "active"}
	gone    = sysbustest.Session{ID: "5", UID: 1000, Class: "user", Seat: "seat0", State: "closing"}
)

// watched is one Watch under way.
type watched struct {
	t      *testing.T
	events chan Event
	ended  chan error
	stop   func()
}

func watch(t *testing.T, address string) *watched {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watched{t: t, events: make(chan Event), ended: make(chan error, 1), stop: cancel}
	go func() {
		w.ended <- Watch(ctx, address, func(e Event) {
			select {
			case w.events <- e:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-w.ended; err != nil {
			t.Error(err)
		}
	})
	return w
}

// tells checks what comes next.
func (w *watched) tells(want ...Event) {
	w.t.Helper()
	for _, e := range want {
		select {
		case got := <-w.events:
			if got != e {
				w.t.Errorf("told of %#v, want %#v", got, e)
			}
		case err := <-w.ended:
			w.ended <- nil
			w.t.Fatalf("it ended with %v before it told of %#v", err, e)
		case <-time.After(time.Minute):
			w.t.Fatalf("not told of %#v", e)
		}
	}
}

// Who sits at the computer counts, now and later; nobody else does.
func TestLogins(t *testing.T) {
	s := sysbustest.Start(t)
	s.Logind(greeter, remote, cron, gone, lisa)
	w := watch(t, s.Address)
	w.tells(Logins{}, LoggedIn{Session: "2", User: "1000"})
	for _, other := range []sysbustest.Session{{ID: "8", UID: 1001, Class: "user", Remote: true, State: "active"}, {ID: "9", UID: 113, Class: "greeter", Seat: "seat0", State: "active"}} {
		s.Login(other)
	}
	s.Login(bart)
	w.tells(LoggedIn{Session: "7", User: "1001"})
	s.Logout("2")
	w.tells(LoggedOut{Session: "2"})
}

func TestNoLogind(t *testing.T) {
	w := watch(t, sysbustest.Start(t).Address)
	w.tells(NoLogins{})
}

// Without a bus nobody will tell of logins where there is no logind; else it is
// only not there yet.
func TestLoginsCome(t *testing.T) {
	root := t.TempDir()
	if loginsCome(root) {
		t.Error("there is nothing")
	}
	if err := os.MkdirAll(filepath.Join(root, "run/systemd/seats"), 0o755); err != nil {
		t.Fatal(err)
	}
	if !loginsCome(root) {
		t.Error("there are seats")
	}
}

// A logind that has not answered when the bus ends is not one that is missing.
func TestBusEndsBeforeTheAnswer(t *testing.T) {
	s := sysbustest.Start(t)
	c, err := connect(t.Context(), s.Address)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	w := &watcher{bus: c, tell: func(e Event) { t.Errorf("told of %#v", e) }, lock: -1}
	if err := w.beginLogins(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestNoBus(t *testing.T) {
	if err := Watch(t.Context(), "unix:path="+t.TempDir()+"/none", func(Event) {}); err == nil {
		t.Error("no error")
	}
}

// The system waits with a sleep until it was noted, and not longer.
func TestSleep(t *testing.T) {
	s := sysbustest.Start(t)
	s.Logind(lisa)
	w := watch(t, s.Address)
	w.tells(Logins{}, LoggedIn{Session: "2", User: "1000"})
	for round := 1; round <= 2; round++ {
		s.Sleep(true)
		w.tells(Sleeps{})
		if s.Locks() != round || !s.Released() {
			t.Fatalf("%d locks, the last is still held", s.Locks())
		}
		s.Sleep(false)
		w.tells(Woke{})
	}
}

// Anybody on the bus may send a signal that looks like logind's.
func TestForgedSignals(t *testing.T) {
	s := sysbustest.Start(t)
	s.Logind(lisa)
	w := watch(t, s.Address)
	w.tells(Logins{}, LoggedIn{Session: "2", User: "1000"})
	for _, name := range s.Programs() {
		s.Forge(name)
	}
	s.Login(bart)
	w.tells(LoggedIn{Session: "7", User: "1001"})
}

// What NetworkManager thinks of the network, and that it changes its mind.
func TestNetwork(t *testing.T) {
	s := sysbustest.Start(t)
	s.NetworkManager(2)
	w := watch(t, s.Address)
	w.tells(NoLogins{}, Network{Portal})
	s.Connectivity(4)
	w.tells(Network{Open})
	s.Connectivity(3) // limited: the same to us
	s.Connectivity(0)
	w.tells(Network{Unknown})
	s.Connectivity(2)
	w.tells(Network{Portal})
}

// A session whose properties are not as documented is nobody's.
func TestSeated(t *testing.T) {
	good := map[string]dbus.Variant{
		"Class": dbus.MakeVariant("user"), "State": dbus.MakeVariant("active"), "Remote": dbus.MakeVariant(false),
		"User": dbus.MakeVariant([]any{uint32(1000), dbus.ObjectPath("/u")}), "Seat": dbus.MakeVariant([]any{"seat0", dbus.ObjectPath("/s")}),
	}
	if uid, ok := seated(good); !ok || uid != 1000 {
		t.Errorf("%d, %v", uid, ok)
	}
	for name := range good {
		for _, other := range []any{uint64(7), []any{7, dbus.ObjectPath("/")}} {
			bad := map[string]dbus.Variant{}
			for k, v := range good {
				bad[k] = v
			}
			bad[name] = dbus.MakeVariant(other)
			if _, ok := seated(bad); ok {
				t.Errorf("%s is %v", name, other)
			}
			delete(bad, name)
			if _, ok := seated(bad); ok {
				t.Errorf("without %s", name)
			}
		}
	}
}
