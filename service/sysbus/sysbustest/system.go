package sysbustest

import (
	"errors"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"muvpn/tunnel/netcfg/resolvedtest"
)

const (
	loginName   = "org.freedesktop.login1"
	loginObject = "/org/freedesktop/login1"

	networkName   = "org.freedesktop.NetworkManager"
	networkObject = "/org/freedesktop/NetworkManager"

	propertiesOf = "org.freedesktop.DBus.Properties"
)

// Session is a session of logind's.
type Session struct {
	ID     string
	UID    uint32
	Class  string // user, greeter, …
	Seat   string
	State  string
	Remote bool
}

// System is the stand-in.
type System struct {
	Address string // of its bus

	t        testing.TB
	conn     *dbus.Conn
	mu       sync.Mutex
	sessions map[string]Session
	access   uint32
	locks    int
	ours     *os.File // our end of the lock that was given last
	theirs   *os.File // what was given
}

// Start starts a bus with nobody on it, as on a computer without systemd. It ends
// with the test.
func Start(t testing.TB) *System {
	t.Helper()
	s := &System{Address: resolvedtest.StartBus(t), t: t, sessions: map[string]Session{}}
	var err error
	if s.conn, err = dbus.Connect(s.Address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.conn.Close() })
	return s
}

// Logind puts a logind with these sessions on the bus.
func (s *System) Logind(sessions ...Session) {
	s.t.Helper()
	for _, one := range sessions {
		s.enter(one)
	}
	s.offer((*logind)(s), loginObject, loginName+".Manager", loginName)
}

// NetworkManager puts one on the bus, with a value of its property Connectivity.
func (s *System) NetworkManager(connectivity uint32) {
	s.t.Helper()
	s.access = connectivity
	s.offer((*network)(s), networkObject, propertiesOf, networkName)
}

func (s *System) offer(service any, object, face, name string) {
	s.t.Helper()
	err := s.conn.Export(service, dbus.ObjectPath(object), face)
	if err == nil {
		_, err = s.conn.RequestName(name, dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// enter makes the object of a session.
func (s *System) enter(one Session) {
	s.t.Helper()
	s.mu.Lock()
	s.sessions[one.ID] = one
	s.mu.Unlock()
	if err := s.conn.Export(properties(one), path(one.ID), propertiesOf); err != nil {
		s.t.Fatal(err)
	}
}

func path(id string) dbus.ObjectPath { return dbus.ObjectPath(loginObject + "/session/" + id) }

// Login is a new session.
func (s *System) Login(one Session) {
	s.t.Helper()
	s.enter(one)
	s.emit(s.conn, "SessionNew", one.ID, path(one.ID))
}

// Logout ends a session.
func (s *System) Logout(id string) {
	s.t.Helper()
	s.emit(s.conn, "SessionRemoved", id, path(id))
}

// Sleep is the signal before a sleep (true) and after it.
func (s *System) Sleep(begins bool) {
	s.t.Helper()
	s.emit(s.conn, "PrepareForSleep", begins)
}

// Forge has somebody else on the bus send a program the signals of logind.
func (s *System) Forge(to string) {
	s.t.Helper()
	c, err := dbus.Connect(s.Address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	s.emit(c, "PrepareForSleep", false)
	message := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldInterface:   dbus.MakeVariant(loginName + ".Manager"),
		dbus.FieldMember:      dbus.MakeVariant("PrepareForSleep"),
		dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath(loginObject)),
		dbus.FieldDestination: dbus.MakeVariant(to),
		dbus.FieldSignature:   dbus.MakeVariant(dbus.SignatureOf(false)),
	}, Body: []any{false}}
	if call := c.Send(message, nil); call != nil && call.Err != nil {
		s.t.Fatal(call.Err)
	}
	var names []string
	if err := c.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil { // all of it was sent
		s.t.Fatal(err)
	}
}

// Programs are those on the bus but the stand-in, by their unique names.
func (s *System) Programs() []string {
	s.t.Helper()
	var names, others []string
	if err := s.conn.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		s.t.Fatal(err)
	}
	for _, n := range names {
		if n[0] == ':' && n != s.conn.Names()[0] {
			others = append(others, n)
		}
	}
	return others
}

// Connectivity changes what NetworkManager thinks, and says so.
func (s *System) Connectivity(now uint32) {
	s.t.Helper()
	s.mu.Lock()
	s.access = now
	s.mu.Unlock()
	err := s.conn.Emit(networkObject, propertiesOf+".PropertiesChanged", networkName,
		map[string]dbus.Variant{"Connectivity": dbus.MakeVariant(now)}, []string{})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *System) emit(from *dbus.Conn, signal string, values ...any) {
	s.t.Helper()
	if err := from.Emit(loginObject, loginName+".Manager."+signal, values...); err != nil {
		s.t.Fatal(err)
	}
}

// Locks is how many locks against sleep were given out.
func (s *System) Locks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locks
}

// Released waits until the lock that was given last, and has arrived, is let go
// of, but not longer than a minute.
func (s *System) Released() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.theirs.Close()
	s.ours.SetReadDeadline(time.Now().Add(time.Minute))
	_, err := s.ours.Read(make([]byte, 1)) // ends when no one holds the other end
	return errors.Is(err, io.EOF)
}

// logind are the methods of org.freedesktop.login1.Manager.
type logind System

// listed is a session in the list: signature (susso).
type listed struct {
	ID   string
	UID  uint32
	User string
	Seat string
	Path dbus.ObjectPath
}

// ListSessions gives a(susso).
func (l *logind) ListSessions() ([]listed, *dbus.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := []listed{}
	for _, s := range l.sessions {
		list = append(list, listed{s.ID, s.UID, "somebody", s.Seat, path(s.ID)})
	}
	return list, nil
}

// Inhibit takes ssss and gives h: the lock is held as long as that is open.
func (l *logind) Inhibit(what, _, _, mode string) (dbus.UnixFD, *dbus.Error) {
	if what != "sleep" || mode != "delay" {
		return 0, dbus.NewError("org.freedesktop.DBus.Error.AccessDenied", []any{"not that lock"})
	}
	ours, theirs, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	l.t.Cleanup(func() {
		l.mu.Lock() // whoever was given theirs has read its number
		defer l.mu.Unlock()
		ours.Close()
		theirs.Close()
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ours, l.theirs = ours, theirs
	l.locks++
	return dbus.UnixFD(theirs.Fd()), nil
}

// properties is the object of one session.
type properties Session

// GetAll gives the properties of org.freedesktop.login1.Session.
func (p properties) GetAll(string) (map[string]dbus.Variant, *dbus.Error) {
	type owner struct {
		UID  uint32
		Path dbus.ObjectPath
	}
	type place struct {
		ID   string
		Path dbus.ObjectPath
	}
	return map[string]dbus.Variant{
		"Id": dbus.MakeVariant(p.ID), "Class": dbus.MakeVariant(p.Class), "Remote": dbus.MakeVariant(p.Remote),
		"State": dbus.MakeVariant(p.State), "User": dbus.MakeVariant(owner{p.UID, "/org/freedesktop/login1/user/_1"}),
		"Seat": dbus.MakeVariant(place{p.Seat, "/"}),
	}, nil
}

// network are the properties of NetworkManager.
type network System

// Get takes ss and gives v.
func (n *network) Get(_, property string) (dbus.Variant, *dbus.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if property != "Connectivity" {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
	}
	return dbus.MakeVariant(n.access), nil
}
