package pipe

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"muvpn/tunnel/netcfg/resolvedtest"
)

// session is one as logind tells of it.
type session struct {
	uid, listed    uint32 // listed: the user in the list, when another
	seat           string
	active, remote bool
	class          string
	lacks          string // a property that is missing
}

// manager is a stand-in for logind: the calls of org.freedesktop.login1 that a
// question to it needs, with their signatures.
type manager struct {
	conn     *dbus.Conn
	sessions []session

	mu     sync.Mutex
	silent chan struct{} // not nil: nothing is answered before it is closed
	calls  []string
}

// logindWith starts a bus with a logind of these sessions.
func logindWith(t *testing.T, sessions ...session) (logind, *manager) {
	t.Helper()
	m := &manager{sessions: sessions}
	address := resolvedtest.Start(t).Address // a bus that ends with the test
	var err error
	if m.conn, err = dbus.Connect(address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.conn.Close() })
	if err := m.conn.Export(m, logindObject, logindName+".Manager"); err != nil {
		t.Fatal(err)
	}
	for i := range sessions {
		if err := m.conn.Export(&properties{m, i}, m.path(i), "org.freedesktop.DBus.Properties"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.conn.RequestName(logindName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return logind{address}, m
}

func (*manager) path(i int) dbus.ObjectPath {
	return dbus.ObjectPath(fmt.Sprint(logindObject, "/session/_3", i))
}

func (m *manager) note(call string) {
	m.mu.Lock()
	m.calls = append(m.calls, call)
	silent := m.silent
	m.mu.Unlock()
	if silent != nil {
		<-silent
	}
}

// hush has nothing answered until the test has ended.
func (m *manager) hush(t *testing.T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silent = make(chan struct{})
	t.Cleanup(func() { close(m.silent) })
}

// called says whether there was such a call.
func (m *manager) called(call string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.calls, call)
}

// ListSessions gives a(susso).
func (m *manager) ListSessions() ([]listed, *dbus.Error) {
	m.note("ListSessions")
	list := []listed{}
	for i, s := range m.sessions {
		if s.listed == 0 {
			s.listed = s.uid
		}
		list = append(list, listed{fmt.Sprint(i), s.listed, "somebody", s.seat, m.path(i)})
	}
	return list, nil
}

// GetSessionByPID takes u: every process is in the first session, whoever has
// that number now.
func (m *manager) GetSessionByPID(uint32) (dbus.ObjectPath, *dbus.Error) {
	m.note("GetSessionByPID")
	return m.path(0), nil
}

// properties is the object of one session.
type properties struct {
	m *manager
	i int
}

// GetAll gives the properties of org.freedesktop.login1.Session.
func (p *properties) GetAll(string) (map[string]dbus.Variant, *dbus.Error) {
	p.m.note("GetAll")
	type object struct {
		Name string
		Path dbus.ObjectPath
	}
	type user struct {
		UID  uint32
		Path dbus.ObjectPath
	}
	s := p.m.sessions[p.i]
	all := map[string]dbus.Variant{
		"User": dbus.MakeVariant(user{s.uid, "/u"}), "Seat": dbus.MakeVariant(object{s.seat, "/s"}),
		"Active": dbus.MakeVariant(s.active), "Remote": dbus.MakeVariant(s.remote), "Class": dbus.MakeVariant(s.class),
	}
	delete(all, s.lacks)
	return all, nil
}

// atScreen is lisa's session at the screen.
var atScreen = session{uid: 1000, seat: "seat0", active: true, class: "user"}

func but(s session, change func(*session)) session { change(&s); return s }

func TestLogindSaysWhoSitsHere(t *testing.T) {
	ssh := session{uid: 1000, active: true, remote: true, class: "user"} // as sshd makes it
	for _, c := range []struct {
		name     string
		sessions []session
		want     bool
	}{
		{"active and local", []session{atScreen}, true},
		{"at another seat of the same computer", []session{but(atScreen, func(s *session) { s.seat = "seat1" })}, true},
		{"active beside an ssh session", []session{ssh, atScreen}, true},
		{"active before an inactive one", []session{atScreen, but(atScreen, func(s *session) { s.active = false })}, true},
		{"by ssh only", []session{ssh}, false},
		{"remote, with a seat all the same", []session{but(atScreen, func(s *session) { s.remote = true })}, false},
		{"without a seat", []session{but(atScreen, func(s *session) { s.seat = "" })}, false},
		{"inactive: another user is at the screen", []session{but(atScreen, func(s *session) { s.active = false }), but(atScreen, func(s *session) { s.uid = 1001 })}, false},
		{"another user's screen", []session{but(atScreen, func(s *session) { s.uid = 1001 })}, false},
		{"a greeter", []session{but(atScreen, func(s *session) { s.class = "greeter" })}, false},
		{"a service manager's", []session{but(atScreen, func(s *session) { s.class = "manager" })}, false},
		{"a session that has changed hands", []session{but(atScreen, func(s *session) { s.uid, s.listed = 1001, 1000 })}, false},
		{"no word on whether it is remote", []session{but(atScreen, func(s *session) { s.lacks = "Remote" })}, false},
		{"nobody at all", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, m := logindWith(t, c.sessions...)
			got, err := l.Sits(t.Context(), "1000")
			if got != c.want || err != nil {
				t.Errorf("%v, %v, want %v", got, err, c.want)
			}
			if m.called("GetSessionByPID") {
				t.Error("it was asked for a process, whose number may be another's by now")
			}
		})
	}
}

// A stranger whose process has the number of one at the screen gains nothing.
func TestProcessNumberUsedAgain(t *testing.T) {
	l, _ := logindWith(t, atScreen)
	g := NewGuard(office, l)
	if g.Rights(t.Context(), Peer{User: "1001", PID: 7}) != Nothing {
		t.Error("the process counts, not the user")
	}
	for deadline := time.Now().Add(time.Minute); g.Rights(t.Context(), Peer{User: "1000", PID: 7}) != Use; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) { // a slow bus is a no, for a moment
			t.Fatal("the user at the screen may not use the service")
		}
	}
}

// No bus, a bus without logind, a logind that does not answer, a bus that
// does not: nobody sits here, within the time.
func TestLogindDoesNotAnswer(t *testing.T) {
	mute, m := logindWith(t, atScreen)
	m.hush(t)
	hanging, err := net.Listen("unix", filepath.Join(folder(t), "bus"))
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	for name, l := range map[string]logind{
		"no bus":                   {"unix:path=/nonexistent/bus"},
		"no logind on it":          {resolvedtest.Start(t).Address},
		"a logind that is silent":  mute,
		"a bus that hangs":         {"unix:path=" + hanging.Addr().String()},
		"an address that is wrong": {"nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if NewGuard(office, l).Rights(context.Background(), lisa) != Nothing {
					t.Error("lisa may use")
				}
				if sits, err := l.Sits(expired(t), "1000"); sits || err == nil {
					t.Errorf("%v, %v", sits, err)
				}
			}()
			select {
			case <-ended:
			case <-time.After(30 * seatTime):
				t.Fatal("the question is not bounded")
			}
		})
	}
}

// expired is a context that ends soon.
func expired(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// A name that is no number is nobody's, whatever logind says.
func TestSeatOfNobody(t *testing.T) {
	l, _ := logindWith(t, atScreen)
	for _, user := range []string{"", "lisa", "-1", "4294968296", "1000 "} {
		if sits, err := l.Sits(t.Context(), user); sits || err == nil {
			t.Errorf("%q: %v, %v", user, sits, err)
		}
	}
}
