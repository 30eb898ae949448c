package netcfg

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"testing"
)

// setFilter is a filter in its place.
type setFilter struct {
	filter
	sublayer guid
	others   bool // of another's provider
}

// fakeEngine is a filtering engine in memory.
type fakeEngine struct {
	provider bool
	layers   map[guid]sublayer
	set      map[guid]setFilter
	calls    int    // that changed something, or tried to
	dies     int    // the call from which on all fail; 0: none
	refuses  int    // the call that alone fails; 0: none
	blind    bool   // filters cannot be listed
	after    func() // called when something has changed
}

// notOurs is the key of another firewall's objects.
var notOurs = guid{1, 2, 3}

// newEngine is one with another's firewall in it.
func newEngine() *fakeEngine {
	return &fakeEngine{layers: map[guid]sublayer{}, after: func() {},
		set: map[guid]setFilter{notOurs: {filter: filter{Layer: "CONNECT_V4", Pass: true}, sublayer: notOurs, others: true}}}
}

// change counts a change and says whether it comes to pass.
func (e *fakeEngine) change(do func()) error {
	e.calls++
	if e.refuses == e.calls || e.dies != 0 && e.calls >= e.dies {
		return errFake
	}
	do()
	e.after()
	return nil
}

func (e *fakeEngine) addProvider() error { return e.change(func() { e.provider = true }) }

func (e *fakeEngine) deleteProvider() error {
	if len(e.layers) > 0 {
		return errFake // in use
	}
	return e.change(func() { e.provider = false })
}

func (e *fakeEngine) sublayers() ([]sublayer, error) {
	return slices.Collect(maps.Values(e.layers)), nil
}

func (e *fakeEngine) addSublayer(s sublayer) error {
	return e.change(func() {
		if _, is := e.layers[s.Key]; !is {
			e.layers[s.Key] = s
		}
	})
}

func (e *fakeEngine) deleteSublayer(key guid) error {
	for _, f := range e.set {
		if f.sublayer == key {
			return errFake // in use
		}
	}
	return e.change(func() { delete(e.layers, key) })
}

func (e *fakeEngine) filters() ([]guid, error) {
	if e.blind {
		return nil, errFake
	}
	var out []guid
	for k, f := range e.set {
		if !f.others {
			out = append(out, k)
		}
	}
	return out, nil
}

func (e *fakeEngine) addFilter(key, in guid, f filter) error {
	if s, is := e.layers[in]; !is || f.Persistent && !s.Persistent {
		return errFake
	}
	return e.change(func() { e.set[key] = setFilter{filter: f, sublayer: in} })
}

func (e *fakeEngine) deleteFilter(key guid) error { return e.change(func() { delete(e.set, key) }) }

// start is what a start of the computer leaves.
func (e *fakeEngine) start() {
	maps.DeleteFunc(e.set, func(_ guid, f setFilter) bool { return !f.Persistent && !f.others })
	maps.DeleteFunc(e.layers, func(_ guid, s sublayer) bool { return !s.Persistent })
}

// passes says what the engine does with a packet: in each sublayer the heaviest
// filter that fits decides, and no sublayer may block it.
func (e *fakeEngine) passes(p packet) bool {
	best := map[guid]setFilter{}
	asked := p.asked()
	for _, f := range e.set {
		if f.Layer != asked.layer {
			continue
		}
		if b, is := best[f.sublayer]; (!is || f.Weight > b.Weight) && asked.fits(f.filter) {
			best[f.sublayer] = f
		}
	}
	for _, f := range best {
		if !f.Pass {
			return false
		}
	}
	return true
}

// asked is what the engine is asked about a packet.
type asked struct {
	layer             string
	far, near         netip.Addr
	farPort, nearPort uint16
	packet
}

func (p packet) asked() asked {
	a := asked{layer: "CONNECT_V", farPort: p.dport, nearPort: p.sport, packet: p}
	far, near := p.to, p.from
	if p.in {
		a.layer, a.farPort, a.nearPort = "RECV_ACCEPT_V", p.sport, p.dport
		far, near = near, far
	}
	a.far = netip.MustParseAddr(far)
	a.near, _ = netip.ParseAddr(near)
	a.layer += map[bool]string{true: "4", false: "6"}[a.far.Is4()]
	if p.icmp != 0 {
		a.nearPort = uint16(p.icmp)
	}
	return a
}

// fits says that all conditions of a filter hold.
func (a asked) fits(f filter) bool {
	for _, c := range f.Conditions {
		if !a.holds(c) {
			return false
		}
	}
	return true
}

func (a asked) holds(c condition) bool {
	switch c.Field {
	case "FLAGS":
		return a.link == "lo"
	case "ALE_APP_ID":
		return a.own
	case "IP_LOCAL_INTERFACE":
		return a.link == c.Value
	case "IP_PROTOCOL":
		return a.proto == c.Value
	case "IP_LOCAL_PORT":
		return a.nearPort == c.Value
	case "IP_REMOTE_PORT":
		return a.farPort == c.Value
	case "IP_REMOTE_ADDRESS":
		return c.Value.(netip.Prefix).Contains(a.far)
	case "IP_LOCAL_ADDRESS":
		return c.Value.(netip.Prefix).Contains(a.near)
	}
	return false
}

// traffic is something of everything.
func traffic() []packet {
	return []packet{tcp("127.0.0.1").by("lo"), tcp("192.168.10.2").by("muvpn0"), tcp("192.168.10.2"), tcp("198.51.100.7").ours(),
		tcp("198.51.100.7"), tcp("8.8.8.8"), tcp("2606:4700::1111"), tcp("203.0.113.9"), tcp("192.168.1.40"), dnsTo("192.168.1.1"),
		dnsTo("192.168.10.2"), dnsTo("192.168.1.1").ours(), {link: "wlan0", to: "255.255.255.255", proto: protoUDP, sport: 68, dport: 67},
		{link: "wlan0", to: "ff02::1:ff00:1", proto: protoICMPv6, icmp: 135},
		{link: "wlan0", from: "192.168.10.201", to: "8.8.8.8", proto: protoTCP, sport: 4000, dport: 443},
		{in: true, link: "muvpn0", from: "192.168.10.2", to: "192.168.10.201", proto: protoTCP, sport: 4000, dport: 22},
		{in: true, link: "wlan0", from: "192.168.10.2", to: "192.168.10.201", proto: protoTCP, sport: 4000, dport: 22},
		{in: true, link: "wlan0", from: "8.8.8.8", to: "192.168.1.23", proto: protoTCP, sport: 4000, dport: 22},
		{in: true, link: "wlan0", from: "192.168.1.40", to: "192.168.1.23", proto: protoTCP, sport: 4000, dport: 22}}
}

// The filters say the same as the rules that they come from.
func TestWFPFiltersMeanTheRules(t *testing.T) {
	for name, s := range firewalls() {
		e := newEngine()
		if err := (wall{e}).apply(&s); err != nil {
			t.Fatal(err)
		}
		for _, p := range traffic() {
			if e.passes(p) != s.passes(p) {
				t.Errorf("%s: %+v: the filters pass it: %t, the rules: %t", name, p, e.passes(p), s.passes(p))
			}
		}
	}
}

// From every shield to every other, no packet passes at any moment that neither
// of the two lets pass.
func TestWFPNewBeforeOld(t *testing.T) {
	all := firewalls()
	for from, old := range all {
		for to, next := range all {
			e := newEngine()
			w := wall{e}
			if err := w.apply(&old); err != nil {
				t.Fatal(err)
			}
			closed := kept(old, next)
			e.after = func() {
				neverLooser(t, from+" to "+to, e, closed)
				sealed(t, from+" to "+to, e)
			}
			if err := w.apply(&next); err != nil {
				t.Fatal(err)
			}
			if got := w.look(); got.Text != next.digest() || len(e.layers) != 2 || len(e.set) != len(next.filters())+1 {
				t.Errorf("%s to %s: %+v, %d sublayers, %d filters", from, to, got, len(e.layers), len(e.set))
			}
		}
	}
}

// kept are the packets that neither shield lets pass.
func kept(old, next Shield) []packet {
	return slices.DeleteFunc(traffic(), func(p packet) bool { return old.passes(p) || next.passes(p) })
}

func neverLooser(t *testing.T, what string, e *fakeEngine, closed []packet) {
	t.Helper()
	for _, p := range closed {
		if e.passes(p) {
			t.Fatalf("%s, call %d: %+v passes", what, e.calls, p)
		}
	}
}

// sealed holds that what has a seal is whole.
func sealed(t *testing.T, what string, e *fakeEngine) {
	t.Helper()
	slots, _ := wall{e}.slots()
	for _, s := range slots {
		there := slices.Collect(maps.Keys(e.set))
		for i := range s.count() {
			if s.whole() && !slices.Contains(there, key(keyFilter, s.number, i)) {
				t.Fatalf("%s, call %d: slot %d has a seal and lacks filter %d", what, e.calls, s.number, i)
			}
		}
	}
}

// A process that dies at any call leaves one of the two in force, over a start of
// the computer, too; the next one sets it right, and no more passes meanwhile.
func TestWFPOverCrashes(t *testing.T) {
	old, next := firewalls()["kill switch, no tunnel"], firewalls()["kill switch, full tunnel"]
	closed := kept(old, next)
	for dies := 1; ; dies++ {
		e := newEngine()
		if err := (wall{e}).apply(&old); err != nil {
			t.Fatal(err)
		}
		e.calls, e.dies = 0, dies
		if (wall{e}).apply(&next) == nil {
			break // there are no more calls
		}
		if dies%2 == 0 {
			e.start()
		}
		neverLooser(t, "dead", e, closed)
		e.calls, e.dies = 0, 0
		e.after = func() { neverLooser(t, "after a crash", e, closed) }
		if err := (wall{e}).apply(&next); err != nil {
			t.Fatalf("dead at call %d: %v", dies, err)
		}
		if got := (wall{e}).look(); got.Text != next.digest() || len(e.set) != len(next.filters())+1 {
			t.Fatalf("dead at call %d: %+v, %d filters", dies, got, len(e.set))
		}
	}
}

// A call that fails leaves the old shield whole, or both.
func TestWFPThatFails(t *testing.T) {
	old, next := firewalls()["split tunnel"], firewalls()["kill switch, split tunnel"]
	for refuses := 1; ; refuses++ {
		e := newEngine()
		if err := (wall{e}).apply(&old); err != nil {
			t.Fatal(err)
		}
		e.calls, e.refuses = 0, refuses
		if (wall{e}).apply(&next) == nil {
			break
		}
		for _, p := range traffic() {
			if e.passes(p) && !old.passes(p) {
				t.Fatalf("call %d fails: %+v passes", refuses, p)
			}
		}
		if err := (wall{e}).apply(&old); err != nil || (wall{e}).look().Text != old.digest() {
			t.Fatalf("call %d fails, back to the old one: %v", refuses, err)
		}
	}
}

// What the kill switch blocks is still blocked when the computer starts, with no
// way through a tunnel that is not there; other shields are gone by then.
func TestWFPOverAStart(t *testing.T) {
	for name, s := range firewalls() {
		e := newEngine()
		if err := (wall{e}).apply(&s); err != nil {
			t.Fatal(err)
		}
		e.start()
		closed := !e.passes(tcp("8.8.8.8")) && !e.passes(tcp("2606:4700::1111"))
		if closed != s.Block {
			t.Errorf("%s: after a start it blocks: %t", name, closed)
		}
		if s.Block && e.passes(tcp("8.8.8.8").by("muvpn0")) {
			t.Errorf("%s: an interface of that number passes", name)
		}
		if got := (wall{e}).look().Text; s.Link != "" && got == s.digest() {
			t.Errorf("%s: taken for whole after a start", name)
		}
	}
}

func TestWFPSweepsOnlyOurs(t *testing.T) {
	s := firewalls()["kill switch, no tunnel"]
	e := newEngine()
	if err := (wall{e}).apply(&s); err != nil {
		t.Fatal(err)
	}
	later := guid{9} // of a version that has more slots
	e.layers[later] = sublayer{Key: later}
	e.set[guid{8}] = setFilter{sublayer: later}
	for range 2 { // undoing what is undone is no error
		if err := (wall{e}).undo(); err != nil {
			t.Error(err)
		}
	}
	if _, kept := e.set[notOurs]; !kept || len(e.set) != 1 || len(e.layers) != 0 || e.provider {
		t.Errorf("left are %d filters, %d sublayers, the provider: %t", len(e.set), len(e.layers), e.provider)
	}
}

// Filters that somebody deletes are missed, and so is all that cannot be listed.
func TestWFPLook(t *testing.T) {
	s := firewalls()["kill switch, no tunnel"]
	e := newEngine()
	w := wall{e}
	if got := w.look(); got.How != howWFP || got.Text != "" || got.Untried == "" {
		t.Errorf("nothing set: %+v", got)
	}
	if err := w.apply(&s); err != nil || w.look().Text != s.digest() {
		t.Fatalf("set: %v, %+v", err, w.look())
	}
	e.blind = true
	if w.look().Text != "" {
		t.Error("what cannot be listed is taken for ours")
	}
	e.blind = false
	delete(e.set, key(keyFilter, 0, 3))
	if w.look().Text != "" {
		t.Error("a filter is gone and not missed")
	}
	if err := w.apply(&s); err != nil || w.look().Text != s.digest() {
		t.Errorf("set again: %v, %+v", err, w.look())
	}
}

// No two objects share a key, and none is made of what another says.
func TestWFPKeys(t *testing.T) {
	seen := map[guid]bool{}
	for slot := range byte(2) {
		keys := []guid{key(keyBody, slot, 0), key(keySeal, slot, 0)}
		for n := range 400 {
			keys = append(keys, key(keyFilter, slot, n))
		}
		for _, k := range keys {
			if seen[k] || k == key(keyProvider, 0, 0) {
				t.Errorf("%x twice", k)
			}
			seen[k] = true
		}
	}
	if got := binary.BigEndian.Uint16(bodyOf(0, &Shield{}).Data); int(got) != len((Shield{}).filters()) {
		t.Errorf("%d filters are noted", got)
	}
}
