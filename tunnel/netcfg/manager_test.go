package netcfg

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// onFake is a Manager on a computer in memory.
func onFake(t *testing.T) (*Manager, *fakeSystem) {
	t.Helper()
	f := &fakeSystem{host: home()}
	m := New(filepath.Join(t.TempDir(), "journal.json"), func(m *Manager) { m.sys = f })
	return m, f
}

// again is another process on the same computer with the same journal.
func again(m *Manager, f *fakeSystem) *Manager {
	return New(m.journal, func(n *Manager) { n.sys = f })
}

// mustSet sets a value that must be accepted.
func mustSet(t *testing.T, m *Manager, cfg *Config) {
	t.Helper()
	if err := m.Set(cfg); err != nil {
		t.Fatal(err)
	}
}

// asBefore checks that a host is as it was at home.
func asBefore(t *testing.T, f *fakeSystem) {
	t.Helper()
	if diff := cmp.Diff(home(), f.host, values, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Host{})); diff != "" {
		t.Error("the computer is not as it was:", diff)
	}
}

// noJournal checks that nothing is left to undo.
func noJournal(t *testing.T, m *Manager) {
	t.Helper()
	if _, err := os.Stat(m.journal); !errors.Is(err, os.ErrNotExist) {
		text, _ := os.ReadFile(m.journal)
		t.Errorf("a journal is left: %v %s", err, text)
	}
}

func TestSetAndUndo(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, full())
	mustSet(t, m, nil)
	asBefore(t, f)
	noJournal(t, m)
}

func TestSameValueTouchesNothing(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, full())
	before, _ := os.Stat(m.journal)
	f.changes = nil
	mustSet(t, m, full())
	after, err := os.Stat(m.journal)
	if err != nil || len(f.changes) != 0 || !os.SameFile(before, after) {
		t.Errorf("changes %q, journal written anew: %t, %v", f.changes, !os.SameFile(before, after), err)
	}
}

// The new value is complete before anything of the old one goes.
func TestNewComesBeforeOldGoes(t *testing.T) {
	m, f := onFake(t)
	first := &Config{Interface: "muvpn0", Routes: nets("10.0.0.0/8", "10.1.0.0/16")}
	mustSet(t, m, first)
	f.changes = nil
	mustSet(t, m, &Config{Interface: "muvpn0", Routes: nets("10.0.0.0/8", "10.2.0.0/16")})
	want := []string{"+ route to 10.2.0.0/16 through muvpn0", "- route to 10.1.0.0/16 through muvpn0"}
	if diff := cmp.Diff(want, f.changes); diff != "" {
		t.Error(diff)
	}
}

// Whichever change fails, the value before stays in force, whole.
func TestFailureRollsBack(t *testing.T) {
	first, second := office(), full()
	second.MTU = 1380
	m, f := onFake(t)
	mustSet(t, m, first)
	f.changes = nil
	mustSet(t, m, second)
	for _, failing := range f.changes {
		if strings.HasPrefix(failing, "-") {
			continue
		}
		t.Run(failing, func(t *testing.T) {
			m, f := onFake(t)
			mustSet(t, m, first)
			before, _ := f.look("")
			f.fail = []string{failing}
			err := m.Set(second)
			if !errors.Is(err, errFake) || !strings.Contains(err.Error(), strings.TrimPrefix(failing, "+ ")) {
				t.Errorf("the error does not say what failed: %v", err)
			}
			if diff := cmp.Diff(before, f.host, values, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Host{})); diff != "" {
				t.Error("the value before is not in force:", diff)
			}
			f.fail = nil
			mustSet(t, m, nil)
			asBefore(t, f)
			noJournal(t, m)
		})
	}
}

// Where one route only leads to the gateway, a new one displaces the old one,
// which must come back when the rest fails.
func TestFailureBringsBackTheGatewaysWay(t *testing.T) {
	m, f := onFake(t)
	f.host.refusal = refuseAlone
	mustSet(t, m, full())
	old := f.host.Routes[1] // by the cable
	dropRoutes(f.host, func(r Route) bool { return r.Dst == old.Dst && r.Link == old.Link })
	before, _ := f.look("")
	next := full()
	next.DNS = addrs("192.168.10.3")
	f.fail = []string{"+ DNS 192.168.10.3 for all names by resolv.conf"}
	if err := m.Set(next); !errors.Is(err, errFake) {
		t.Fatalf("got %v", err)
	}
	for _, r := range before.Routes {
		if !f.host.has(r) {
			t.Errorf("%+v did not come back", r)
		}
	}
}

// What cannot even be taken back stays in the journal too.
func TestRollBackThatFails(t *testing.T) {
	m, f := onFake(t)
	f.fail = []string{"+ route to 10.20.0.0/16 through muvpn0", "- address 192.168.10.201 on muvpn0"}
	err := m.Set(office())
	if !errors.Is(err, errFake) || !strings.Contains(err.Error(), "setting route to 10.20.0.0/16") ||
		!strings.Contains(err.Error(), "taking back address 192.168.10.201") {
		t.Errorf("the error does not say what failed: %v", err)
	}
	f.fail = nil
	if err := again(m, f).Recover(); err != nil {
		t.Fatal(err)
	}
	asBefore(t, f)
	noJournal(t, m)
}

// What cannot be undone is said, stays in the journal and is tried again.
func TestUndoIsTriedAgain(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, office())
	f.fail = []string{"- route to 10.20.0.0/16 through muvpn0"}
	if err := m.Set(nil); !errors.Is(err, errFake) {
		t.Fatalf("got %v", err)
	}
	f.fail = nil
	next := again(m, f)
	if err := next.Recover(); err != nil {
		t.Fatal(err)
	}
	asBefore(t, f)
	noJournal(t, m)
}

// crash ends the process of a Manager at one point of its work.
type crash struct{}

// At whatever point a process dies, the next one finds in the journal what has
// to be undone.
func TestRecoverAfterACrashAnywhere(t *testing.T) {
	second := full()
	second.MTU, second.DNS = 1380, addrs("192.168.10.3")
	run := func(stop int) (m *Manager, f *fakeSystem, done bool) {
		m, f = onFake(t)
		left := stop
		m.note = func(Note) {
			if left--; left < 0 {
				panic(crash{})
			}
		}
		defer func() {
			if p := recover(); p != nil && p != (crash{}) {
				panic(p)
			}
		}()
		for _, cfg := range []*Config{office(), second, nil} {
			mustSet(t, m, cfg)
		}
		return m, f, true
	}
	stop := 0
	for done := false; !done; stop++ {
		var m *Manager
		var f *fakeSystem
		m, f, done = run(stop)
		if err := again(m, f).Recover(); err != nil {
			t.Fatalf("point %d: %v", stop, err)
		}
		asBefore(t, f)
		noJournal(t, m)
	}
	if stop < 20 {
		t.Errorf("only %d points", stop)
	}
}

// What cannot be undone of the value before is no reason against the next one.
func TestWhatIsLeftDoesNotPreventTheNextValue(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, office())
	f.fail = []string{"- route to 10.20.0.0/16 through muvpn0"}
	var warned []string
	m.note = func(n Note) {
		if n.Level == 2 {
			warned = append(warned, n.Text)
		}
	}
	mustSet(t, m, full())
	if len(warned) != 1 || !strings.Contains(warned[0], "undoing route to 10.20.0.0/16") {
		t.Errorf("the log warns of %q", warned)
	}
	f.fail = nil
	mustSet(t, m, nil)
	asBefore(t, f)
	noJournal(t, m)
}

// Recover in the middle of things undoes everything, too.
func TestRecoverAfterSet(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, office())
	if err := m.Recover(); err != nil {
		t.Fatal(err)
	}
	asBefore(t, f)
	noJournal(t, m)
	mustSet(t, m, office())
	mustSet(t, m, nil)
	asBefore(t, f)
}

// Set undoes what an earlier process left even if nobody called Recover.
func TestSetRecoversFirst(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, office())
	next := again(m, f)
	mustSet(t, next, &Config{Interface: "muvpn0", Routes: nets("10.9.0.0/16")})
	mustSet(t, next, nil)
	asBefore(t, f)
}

// After a new start of the computer only what is on a disk is still there; an
// interface may have taken the number of the one that is gone.
func TestRecoverAfterReboot(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, office())
	text := f.host.DNS.Text
	f.host = home()
	f.host.Boot, f.host.DNS.Text = "second", text
	f.host.Links[3] = Link{Name: "other0", Index: 7, MTU: 1400, Up: true, Addresses: nets("192.168.10.201/32")}
	f.changes = nil
	if err := again(m, f).Recover(); err != nil {
		t.Fatal(err)
	}
	want := []string{"- DNS 192.168.10.2 for example.com by resolv.conf"}
	if diff := cmp.Diff(want, f.changes); diff != "" {
		t.Error(diff)
	}
	noJournal(t, m)
}

func TestRecoverWithoutAUsableJournal(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, office())
	whole, err := os.ReadFile(m.journal)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":         "",
		"cut off":       string(whole[:len(whole)/2]),
		"not ours":      "hello",
		"a later one's": `{"version":99}`,
	} {
		t.Run(name, func(t *testing.T) {
			f.swept = false
			if err := os.WriteFile(m.journal, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			next := again(m, f)
			var notes []Note
			next.note = func(n Note) { notes = append(notes, n) }
			if err := next.Recover(); err != nil || !f.swept {
				t.Errorf("swept %t, %v", f.swept, err)
			}
			if len(notes) != 1 || notes[0].Level != 2 || !strings.Contains(notes[0].Text, m.journal) {
				t.Errorf("the log says %+v", notes)
			}
			noJournal(t, m)
		})
	}
}

func TestJournalMustBeWritable(t *testing.T) {
	f := &fakeSystem{host: home()}
	m := New(filepath.Join(t.TempDir(), "no such folder", "journal.json"), func(m *Manager) { m.sys = f })
	if err := m.Set(office()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if len(f.changes) != 0 {
		t.Errorf("changed without a journal: %q", f.changes)
	}
}

func TestValuesThatAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"no interface":          func(c *Config) { c.Interface = "" },
		"a path as interface":   func(c *Config) { c.Interface = "../tun" },
		"a small MTU":           func(c *Config) { c.MTU = 68 },
		"a route that is none":  func(c *Config) { c.Routes = append(c.Routes, netip.Prefix{}) },
		"a server that is none": func(c *Config) { c.DNS = append(c.DNS, addrs("::ffff:1.2.3.4")...) },
	} {
		t.Run(name, func(t *testing.T) {
			m, f := onFake(t)
			cfg := office()
			spoil(cfg)
			if err := m.Set(cfg); err == nil || len(f.changes) != 0 {
				t.Errorf("accepted: %v, %q", err, f.changes)
			}
		})
	}
}

// The log has a line for each change, in words that people know.
func TestNotes(t *testing.T) {
	m, _ := onFake(t)
	var lines []string
	m.note = func(n Note) { lines = append(lines, n.Code+" "+n.Text) }
	cfg := &Config{Interface: "muvpn0", Routes: nets("10.0.0.0/8"), Search: []string{"evil\nnameserver 6.6.6.6"}, DNS: addrs("10.0.0.1")}
	mustSet(t, m, cfg)
	mustSet(t, m, nil)
	want := []string{
		`NET_LEFT Domain "evil\nnameserver 6.6.6.6" is left out: not a domain name`,
		"NET_PLAN Network: 3 to set, 0 to undo, 0 in place",
		"NET_SET Set interface muvpn0 up",
		"NET_SET Set route to 10.0.0.0/8 through muvpn0",
		"NET_SET Set DNS 10.0.0.1 for all names by resolv.conf",
		"NET_PLAN Network: 0 to set, 3 to undo, 0 in place",
		"NET_UNDONE Undone DNS 10.0.0.1 for all names by resolv.conf",
		"NET_UNDONE Undone route to 10.0.0.0/8 through muvpn0",
		"NET_UNDONE Undone interface muvpn0 up",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// What others have taken away is missed, in words, and nothing else.
func TestMissing(t *testing.T) {
	m, f := onFake(t)
	mustSet(t, m, full())
	if missing, err := m.Missing(full()); err != nil || len(missing) > 0 {
		t.Errorf("just set, and %q is missing, %v", missing, err)
	}
	before := len(f.changes)
	dropRoutes(f.host, func(r Route) bool { return r.Ours })
	f.host.DNS.Text = "nameserver 203.0.113.53\n"
	missing, err := m.Missing(full())
	if all := strings.Join(missing, "; "); err != nil || !strings.Contains(all, "DNS ") || !strings.Contains(all, "route to ") {
		t.Errorf("missing is %q, %v", missing, err)
	}
	if len(f.changes) != before {
		t.Errorf("looking has changed something: %q", f.changes[before:])
	}
	if missing, err := m.Missing(nil); err != nil || missing != nil {
		t.Errorf("of nothing %q is missing, %v", missing, err)
	}
}
