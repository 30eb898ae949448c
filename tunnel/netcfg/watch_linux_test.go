package netcfg

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
)

// Watch runs on this goroutine, which has the namespace; another one changes
// the network by sockets that were opened here.
func TestWatch(t *testing.T) {
	newLab(t)
	from, err := netlink.NewHandle()
	check(t, err)
	defer from.Close()
	card, err := from.LinkByName("wan1")
	check(t, err)
	firewall, err := nftables.New(nftables.AsLasting())
	check(t, err)
	defer firewall.CloseLasting()
	changes := []func() error{
		func() error { return from.LinkSetUp(card) },
		func() error { return from.AddrAdd(card, address(netip.MustParsePrefix("198.51.100.5/24"))) },
		func() error {
			return from.RouteAdd(&netlink.Route{LinkIndex: card.Attrs().Index, Dst: ipNet(netip.MustParsePrefix("203.0.113.0/24")), Scope: netlink.SCOPE_LINK})
		},
		func() error { return from.AddrDel(card, address(netip.MustParsePrefix("198.51.100.5/24"))) },
		func() error { return from.LinkDel(card) },
		func() error {
			firewall.AddTable(&nftables.Table{Name: "others", Family: nftables.TableFamilyINet})
			return firewall.Flush()
		},
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var made atomic.Int32
	next := func() {
		i := int(made.Add(1)) - 1
		if i == len(changes) {
			cancel()
			return
		}
		go func() {
			if err := changes[i](); err != nil {
				t.Error(err)
				cancel()
			}
		}()
	}
	time.AfterFunc(2*settle, next)
	err = Watch(ctx, func(e Event) {
		if e != Changed {
			t.Errorf("the event %b", e)
		}
		next()
	})
	if told := int(made.Load()) - 1; err != nil || told != len(changes) {
		t.Errorf("%v; %d of %d changes were told of", err, told, len(changes))
	}
}

// A clock that was set is no sleep; one that went on while the program's stood
// still is. It is noticed again the next time.
func TestWatcherAwakes(t *testing.T) {
	w, err := newWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for range 2 {
		if w.awoke() {
			t.Error("nobody has slept")
		}
		w.asleep -= 2 * leastSleep
		if !w.awoke() {
			t.Error("a sleep was not noticed")
		}
	}
}

func TestWay(t *testing.T) {
	h := &Host{
		Links: []Link{{Name: "wan0", Index: 2}, {Name: "muvpn0", Index: 7}},
		Routes: []Route{
			{Dst: netip.MustParsePrefix("0.0.0.0/0"), Via: netip.MustParseAddr("192.0.2.1"), Link: 2},
			{Dst: netip.MustParsePrefix("192.0.2.0/24"), Link: 2},
			{Dst: netip.MustParsePrefix("0.0.0.0/1"), Link: 7},
			{Dst: netip.MustParsePrefix("10.0.0.0/8"), Link: 7, Ours: true},
		},
	}
	for to, want := range map[string]string{
		"10.1.1.1": "wan0 via 192.0.2.1", "192.0.2.9": "wan0", "2001:db8::1": "none known",
	} {
		if got := h.Way(netip.MustParseAddr(to), "muvpn0").String(); got != want {
			t.Errorf("to %s: %s, want %s", to, got, want)
		}
	}
}
