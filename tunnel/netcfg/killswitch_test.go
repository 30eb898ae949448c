package netcfg

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// onFakeWithFirewall is a Manager on a computer in memory that has a firewall.
func onFakeWithFirewall(t *testing.T) (*Manager, *fakeSystem) {
	t.Helper()
	m, f := onFake(t)
	f.host.Firewall.How = "fake"
	return m, f
}

// strict is a kill switch that allows nothing.
var strict = KillSwitch{UUID: "1", Profile: "Office"}

func TestBlockAndUnblock(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	check := func(what string, armed bool) {
		t.Helper()
		if blocks := strings.Contains(f.host.Firewall.Text, "kill switch"); blocks != armed || Armed(filepath.Dir(m.journal)) != armed || (m.KillSwitch() != nil) != armed {
			t.Errorf("%s: the firewall blocks: %t, the file is there: %t, want %t", what, blocks, Armed(filepath.Dir(m.journal)), armed)
		}
	}
	check("at first", false)
	if err := m.Block(strict); err != nil {
		t.Fatal(err)
	}
	check("armed", true)
	mustSet(t, m, office())
	check("connected", true)
	mustSet(t, m, nil)
	check("disconnected", true)
	m = again(m, f)
	if err := m.Recover(); err != nil {
		t.Fatal(err)
	}
	check("after a crash", true)
	if err := m.Unblock(); err != nil {
		t.Fatal(err)
	}
	check("unblocked", false)
	if f.host.Firewall.Text != "" {
		t.Errorf("left is %q", f.host.Firewall.Text)
	}
	if err := m.Unblock(); err != nil {
		t.Error(err)
	}
}

// Unblocking a connection leaves it what every connection has.
func TestUnblockWhileConnected(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	mustSet(t, m, office())
	ordinary := f.host.Firewall.Text
	if err := m.Block(strict); err != nil {
		t.Fatal(err)
	}
	if f.host.Firewall.Text == ordinary {
		t.Error("nothing has changed")
	}
	if err := m.Unblock(); err != nil || f.host.Firewall.Text != ordinary {
		t.Errorf("%v; the firewall is\n%s", err, f.host.Firewall.Text)
	}
	mustSet(t, m, nil)
	if f.host.Firewall.Text != "" {
		t.Errorf("left is %q", f.host.Firewall.Text)
	}
}

// The kill switch is set again before anything is undone, and before that no
// rule of it is taken away.
func TestRecoverBlocksFirst(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	if err := m.Block(strict); err != nil {
		t.Fatal(err)
	}
	mustSet(t, m, full())
	f.changes = nil
	if err := again(m, f).Recover(); err != nil {
		t.Fatal(err)
	}
	if len(f.changes) < 5 || !strings.HasPrefix(f.changes[0], "+ firewall: kill switch") {
		t.Errorf("the changes are %q", f.changes)
	}
	if i := slices.IndexFunc(f.changes, func(c string) bool { return strings.HasPrefix(c, "- firewall") }); i >= 0 {
		t.Errorf("the firewall is taken away: %q", f.changes)
	}
}

// What cannot be armed is not armed on the disk either.
func TestBlockThatFails(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	s, _ := shieldOf(nil, &strict, f.host)
	f.fail = []string{"+ " + s.String()}
	if err := m.Block(strict); !errors.Is(err, errFake) || Armed(filepath.Dir(m.journal)) || m.KillSwitch() != nil {
		t.Errorf("%v, %+v", err, m.KillSwitch())
	}
	f.host.Firewall = Firewall{Missing: "the kernel has none"}
	if err := m.Block(strict); err == nil || errors.Is(err, errors.ErrUnsupported) || Armed(filepath.Dir(m.journal)) {
		t.Errorf("without a firewall: %v", err)
	}
	f.host.Firewall.Never = true
	if err := m.Block(strict); !errors.Is(err, errors.ErrUnsupported) || Armed(filepath.Dir(m.journal)) {
		t.Errorf("where there never is one: %v", err)
	}
	mustSet(t, m, office()) // and without a kill switch that is no reason not to connect
}

// A starting computer may not have its firewall ready: the rules are set all the
// same, for when it is, and that they are not in force is known.
func TestRecoverWhereTheFirewallIsMissing(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	if err := m.Block(strict); err != nil {
		t.Fatal(err)
	}
	f.host.Firewall, f.changes = Firewall{Missing: "not ready"}, nil
	m = again(m, f)
	if err := m.Recover(); err != nil || m.Unset() == nil || m.Unset().Error() != "not ready" || m.KillSwitch() == nil {
		t.Errorf("%v, %v, %+v", err, m.Unset(), m.KillSwitch())
	}
	if !strings.Contains(f.host.Firewall.Text, "kill switch") {
		t.Errorf("changes are %q", f.changes)
	}
}

// That no real system has seen the firewall is told, once.
func TestUntriedFirewallIsTold(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	var told int
	m.note = func(n Note) {
		if strings.Contains(n.Text, "Plan 9") {
			told++
		}
	}
	mustSet(t, m, office())
	mustSet(t, m, nil)
	if told != 0 {
		t.Error("a firewall that was tried is said to be untried")
	}
	f.host.Firewall.Untried = "Plan 9"
	mustSet(t, m, office())
	if err := m.Block(strict); err != nil || told != 1 {
		t.Errorf("%v, told %d times", err, told)
	}
}

// Where a system keeps no words, the digest of the rules is compared.
func TestFirewallByItsDigest(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	if err := m.Block(strict); err != nil {
		t.Fatal(err)
	}
	s, _ := shieldOf(nil, &strict, f.host)
	f.host.Firewall.Text, f.changes = s.digest(), nil
	if err := m.Guard(); err != nil || len(f.changes) != 0 {
		t.Errorf("%v, what is in place is set again: %q", err, f.changes)
	}
	f.host.Firewall.Text = (Shield{Block: true}).digest()
	if err := m.Guard(); err != nil || len(f.changes) != 1 {
		t.Errorf("%v, another's digest is taken for it: %q", err, f.changes)
	}
}

// A firewall that is there although no kill switch is armed goes with Unblock;
// what a connection has stays.
func TestUnblockWhatIsNotArmed(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	blocks, _ := shieldOf(nil, &strict, f.host)
	f.host.Firewall.Text = blocks.text()
	if err := m.Unblock(); err != nil || f.host.Firewall.Text != "" {
		t.Errorf("%v; left is\n%s", err, f.host.Firewall.Text)
	}
	mustSet(t, m, office())
	ordinary := f.host.Firewall.Text
	f.host.Firewall.Text = blocks.text()
	if err := m.Unblock(); err != nil || f.host.Firewall.Text != ordinary {
		t.Errorf("connected: %v; the firewall is\n%s", err, f.host.Firewall.Text)
	}
}

// Nor does a kill switch that is in the firewall when arming it fails stay
// there: nobody would know of it.
func TestBlockThatFailsLeavesNothing(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	s, _ := shieldOf(nil, &strict, f.host)
	f.fail = []string{"+ " + s.String()}
	f.host.Firewall.Text = s.String()
	if err := m.Block(strict); !errors.Is(err, errFake) || f.host.Firewall.Text != "" {
		t.Errorf("%v; left is %q", err, f.host.Firewall.Text)
	}
}

// A file that cannot be read is a kill switch all the same, with nothing
// allowed.
func TestKillSwitchThatCannotBeRead(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	if err := os.WriteFile(m.armed(), []byte(`{"open_local":true`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := again(m, f).Recover(); err != nil || strings.Contains(f.host.Firewall.Text, "local network") || f.host.Firewall.Text == "" {
		t.Errorf("%v; the firewall is\n%s", err, f.host.Firewall.Text)
	}
}

// Another profile can make a kill switch stricter, not looser; its own can
// change it.
func TestOneKillSwitchAfterAnother(t *testing.T) {
	first := KillSwitch{UUID: "1", Locked: true, Inside: nets("192.168.10.0/24")}
	loose := KillSwitch{UUID: "2", OpenLocal: true, Inside: nets("10.0.0.0/8")}
	if got := loose.after(&first); !got.Locked || got.OpenLocal || len(got.Inside) != 2 {
		t.Errorf("another profile makes of it %+v", got)
	}
	loose.UUID = "1"
	if got := loose.after(&first); got.Locked || !got.OpenLocal {
		t.Errorf("its own profile makes of it %+v", got)
	}
	if got := first.after(nil); !got.Locked {
		t.Errorf("the first is %+v", got)
	}
}

// However often a profile of the user's own comes up, what the administrator's
// has demanded stays: its lock, its closed local network and its networks.
func TestTheLockOfAnotherStays(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	office := KillSwitch{UUID: "1", Profile: "Office", Locked: true, Inside: nets("192.168.10.0/24")}
	own := KillSwitch{UUID: "2", Profile: "Own", OpenLocal: true, Inside: nets("10.0.0.0/8")}
	third := KillSwitch{UUID: "3", Profile: "Third", OpenLocal: true}
	for i, k := range []KillSwitch{office, own, own, third, own, own} {
		if err := m.Block(k); err != nil {
			t.Fatal(err)
		}
		m = again(m, f) // what counts is what is on the disk
		if err := m.Recover(); err != nil {
			t.Fatal(err)
		}
		got := m.KillSwitch()
		if !got.Locked || got.OpenLocal || !slices.Contains(got.Inside, office.Inside[0]) || got.Owner() != "the profile Office" {
			t.Errorf("after %d profiles it is %+v of %s", i+1, got, got.Owner())
		}
	}
}

// Nor is the lock lost of a kill switch whose file cannot be read.
func TestTheLockOfADamagedFileStays(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	if err := os.WriteFile(m.armed(), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.Block(KillSwitch{UUID: "2", Profile: "Own", OpenLocal: true}); err != nil {
			t.Fatal(err)
		}
		if k := m.KillSwitch(); !k.Locked || k.OpenLocal {
			t.Errorf("the kill switch is %+v", k)
		}
		m = again(m, f)
	}
}

// A kill switch that is armed but cannot be set is told as such, and set as soon
// as it can be: by Guard, or with a value.
func TestArmedButNotSet(t *testing.T) {
	for _, way := range []func(*Manager) error{(*Manager).Guard, func(m *Manager) error { return m.Set(office()) }} {
		m, f := onFakeWithFirewall(t)
		if err := m.Block(strict); err != nil || m.Unset() != nil {
			t.Fatal(err, m.Unset())
		}
		f.host.Firewall = Firewall{Missing: "the kernel has none"} // as after another start
		m = again(m, f)
		var notes string
		m.note = func(n Note) { notes += n.Text + "\n" }
		if err := m.Recover(); err != nil || m.KillSwitch() == nil || m.Unset() == nil {
			t.Errorf("%v; armed is %+v, not set for %v", err, m.KillSwitch(), m.Unset())
		}
		if want := "The kill switch is armed but could NOT be set: the kernel has none."; !strings.Contains(notes, want) {
			t.Errorf("told is %q", notes)
		}
		if err := way(m); err == nil || m.Unset() == nil {
			t.Errorf("too early: %v, not set for %v", err, m.Unset())
		}
		f.host.Firewall = Firewall{How: "fake"}
		if err := way(m); err != nil || m.Unset() != nil || !f.host.Firewall.blocks() {
			t.Errorf("at last: %v, not set for %v", err, m.Unset())
		}
	}
}

// One that was in force before still is when it cannot be changed; one that
// others took away, and that cannot be set again, is not.
func TestKillSwitchThatCannotBeChanged(t *testing.T) {
	m, f := onFakeWithFirewall(t)
	if err := m.Block(strict); err != nil {
		t.Fatal(err)
	}
	s, _ := shieldOf(nil, &strict, f.host)
	f.fail = []string{"+ " + s.String()}
	f.host.Firewall.Text += "another rule\n"
	if err := m.Guard(); !errors.Is(err, errFake) || m.Unset() != nil {
		t.Errorf("%v; not set for %v", err, m.Unset())
	}
	f.host.Firewall.Text = ""
	if err := m.Guard(); !errors.Is(err, errFake) || m.Unset() == nil {
		t.Errorf("%v; not set for %v", err, m.Unset())
	}
	if err := m.Unblock(); err != nil || m.Unset() != nil {
		t.Errorf("%v; not set for %v", err, m.Unset())
	}
}
