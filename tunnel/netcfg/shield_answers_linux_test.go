package netcfg

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/nftables"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// many are as many networks as a gateway may name (ike's MaxNetworks), half of
// them of IPv6, whose rules are the longest.
func many() []netip.Prefix {
	var out []netip.Prefix
	for i := range 128 {
		out = append(out, nets(fmt.Sprintf("10.%d.0.0/16", i), fmt.Sprintf("fd00:%x::/32", i))...)
	}
	return out
}

// The largest firewall that there can be is set in one piece and taken away
// again, as a value, as a kill switch and as both.
func TestKernelManyNetworks(t *testing.T) {
	g := newGate(t)
	before := g.snapshot()
	m := g.manager()
	cfg := office()
	cfg.Routes, cfg.OpenLocal = many(), true
	block := KillSwitch{UUID: "1", OpenLocal: true, Inside: many()}
	asWanted := func(state string) {
		t.Helper()
		h, err := m.Host()
		check(t, err)
		want, _ := shieldOf(m.value, m.block, h)
		if got := h.Firewall.Text; got != want.text() {
			t.Errorf("%s: the firewall has %d octets of text, want %d", state, len(got), len(want.text()))
		}
	}
	mustSet(t, m, cfg)
	asWanted("value")
	check(t, m.Block(block))
	asWanted("value and kill switch")
	g.try("value and kill switch", probe{to: "10.20.30.40:80"}, probe{to: "192.168.1.40:80", leaves: true})
	mustSet(t, m, nil)
	asWanted("kill switch")
	check(t, m.Unblock())
	check(t, m.Block(block))
	asWanted("kill switch alone")
	check(t, m.Unblock())
	g.same(before)
}

// A firewall that the kernel has taken is set, although its answers found no
// room; one that it has not taken is an error.
func TestKernelAnswerThatIsLost(t *testing.T) {
	newLab(t)
	narrow := func() (*nftables.Conn, error) { return nftablesWith(4096) }
	s := Shield{Block: true, Inside: many()}
	if err := flushShield(narrow, &s, true); !errors.Is(err, unix.ENOBUFS) {
		t.Fatalf("the answers are not lost: %v", err)
	}
	check(t, undoShield())
	if err := applyShieldBy(narrow, &s); err != nil || lookShield().Text != s.text() {
		t.Errorf("it is set: %t, %v", lookShield().Text == s.text(), err)
	}
	closed := func() (*nftables.Conn, error) { return nil, unix.EMFILE }
	if err := applyShieldBy(closed, &Shield{Block: true}); !errors.Is(err, unix.EMFILE) {
		t.Errorf("what cannot be set: %v", err)
	}
}

// A kernel without nftables has nothing to take away; one that does not let its
// tables be seen may have, and that is an error.
func TestUndoingWhatCannotBeSeen(t *testing.T) {
	for failure, want := range map[unix.Errno]bool{unix.EOPNOTSUPP: true, unix.EPROTONOSUPPORT: true, unix.EAFNOSUPPORT: true, unix.EINVAL: true,
		unix.EPERM: false, unix.ENOBUFS: false, unix.EINTR: false, unix.ENOMEM: false} {
		open := func() (*nftables.Conn, error) {
			return nftables.New(nftables.WithTestDial(func([]netlink.Message) ([]netlink.Message, error) { return nil, failure }))
		}
		if err := undoShieldBy(open); (err == nil) != want || err != nil && !errors.Is(err, failure) {
			t.Errorf("where the kernel answers %v: %v", failure, err)
		}
	}
}

// On a kernel without tables for ARP, which says so in one of several ways, the
// rest is set all the same.
func TestKernelWithoutARPTables(t *testing.T) {
	newLab(t)
	s := Shield{Block: true}
	for _, failure := range []unix.Errno{unix.ENOENT, unix.EOPNOTSUPP, unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT} {
		check(t, undoShield())
		opened := 0
		open := func() (*nftables.Conn, error) {
			if opened++; opened == 1 {
				return nftables.New(nftables.WithTestDial(func([]netlink.Message) ([]netlink.Message, error) { return nil, failure }))
			}
			return openNFTables()
		}
		if err := applyShieldBy(open, &s); err != nil || opened != 2 || lookShield().Text != s.text() {
			t.Errorf("where the kernel answers %v: %v after %d attempts", failure, err, opened)
		}
	}
}
