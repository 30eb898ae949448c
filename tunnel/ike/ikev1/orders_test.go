package ikev1

import (
	"flag"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// TestMessageOrders: CVE-2023-30570, 2023-38711, 2023-38712, 2024-3652,
// 2014-2338, 2015-4171, 2015-8023. A session, a gateway that has the right
// secrets, one that does everything right but has not, and somebody on the line
// who drops, doubles, delays, repeats, damages and forges, with the right keys,
// too, do what they can in random order. After every step an oracle that knows
// only what the right gateway has said compares (orders_oracle_test.go): no SA
// without a proof, no credentials before trust, no crash, no growth.
//
// `make orders` takes a million steps and demands that every state is reached
// (MUVPN_ORDERS is how many there must be); -rapid.seed repeats a run.
func TestMessageOrders(t *testing.T) {
	setRapid(t, "nofailfile", "true") // the seed is enough
	if steps := flag.Lookup("rapid.steps"); steps.Value.String() == steps.DefValue {
		setRapid(t, "steps", "100")
	}
	places, seen := newPlaces(t), newCensus()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, places, seen)
		t.Repeat(map[string]func(*rapid.T){"step": w.step, "": w.check})
	})
	t.Log("\n" + seen.String())
	least, _ := strconv.Atoi(os.Getenv("MUVPN_ORDERS"))
	if seen.steps < least {
		t.Errorf("%d steps are less than %d", seen.steps, least)
	}
	seen.demand(t, least >= 100000)
}

func setRapid(t *testing.T, name, value string) {
	t.Helper()
	before := flag.Lookup("rapid." + name).Value.String()
	if err := flag.Set("rapid."+name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set("rapid."+name, before) })
}

// world is a session and everybody around it.
type world struct {
	t      *rapid.T
	now    time.Time
	cfg    ike.Config
	s      *Session
	right  *firebox // has the secrets; nil: it is not there
	fake   *firebox // has not; nil: nobody pretends
	oracle *oracle
	seen   *census
	gentle bool // the right gateway and the user do nothing that ends a session, so that it lives long

	toUs, toThem []ike.Datagram // on their way
	line         []ike.Datagram // what was seen on it, the newest last
	pairs        []uint32       // by inbound SPI, in the order of their making
	traffic      map[uint32]*ike.Traffic
	question     ike.NeedAnswer  // that the user was asked last
	asked        map[*boxSA]bool // in which the right gateway has asked for the user
}

// maxLine bounds what the one on the line remembers; it is long enough for what
// the session's cache of answers has forgotten.
const maxLine = 200

func newWorld(t *rapid.T, p *places, seen *census) *world {
	w := &world{t: t, now: epoch, seen: seen, traffic: map[uint32]*ike.Traffic{}, asked: map[*boxSA]bool{}}
	var right, fake *firebox
	w.cfg, right, fake = p.draw(t)
	who := w.pick("who", 5)
	if who != 4 {
		w.right = right
	}
	if who >= 2 {
		w.fake = fake
	}
	w.gentle = w.pick("gentle", 3) == 0
	w.oracle = newOracle(t, right, w.cfg.Method.XAuth())
	w.begin()
	for range w.pick("undisturbed", 4) {
		w.carry()
		w.s.Answer(w.now, w.answer())
		w.drain()
	}
	return w
}

// begin starts a session, the first one or one after the end of another.
func (w *world) begin() {
	w.oracle.begin()
	w.pairs, w.traffic, w.question = nil, map[uint32]*ike.Traffic{}, ike.NeedAnswer{}
	w.s = New(w.cfg)
	w.s.Start(w.now)
	w.drain()
}

// pick draws one of n, the first ones more often.
func (w *world) pick(what string, n int) int { return rapid.IntRange(0, n-1).Draw(w.t, what) }

// act is one thing that somebody does.
type act struct {
	name string
	do   func(w *world)
}

// acts are all of them; the first ones are drawn more often.
var acts = []act{
	{"all arrives", (*world).carry},
	{"the next arrives", func(w *world) { w.land(w.take(&w.toUs, 0)) }},
	{"time passes", (*world).pass},
	{"right gateway", (*world).rightActs},
	{"the user answers", (*world).userAnswers},
	{"packets", (*world).packets},
	{"wrong HASH under the right keys", (*world).sealWrong},
	{"right HASH out of order", (*world).sealOdd},
	{"message ID again or of another", (*world).sealElsewhere},
	{"fake gateway", (*world).fakeActs},
	{"the gateway hears the next", func(w *world) {
		d := w.take(&w.toThem, 0)
		w.hand(w.right, d)
		w.hand(w.fake, d)
	}},
	{"dropped", func(w *world) { w.take(&w.toUs, w.pick("at", 8)) }},
	{"the gateway misses one", func(w *world) { w.take(&w.toThem, w.pick("at", 8)) }},
	{"doubled", func(w *world) { w.again(w.toUs) }},
	{"doubled to the gateway", func(w *world) { w.toThem = append(w.toThem, w.toThem[:min(1, len(w.toThem))]...) }},
	{"reordered", func(w *world) { w.land(w.take(&w.toUs, w.pick("at", 8))) }},
	{"replayed", func(w *world) { w.again(w.line) }},
	{"bits flipped", (*world).flip},
	{"truncated or extended", (*world).cut},
	{"header changed", (*world).behead},
	{"payloads spliced", (*world).splice},
	{"clear instead of sealed", (*world).sendClear},
	{"hints", (*world).hints},
	{"fragments", (*world).inPieces},
	{"noise", func(w *world) { w.land(w.noise()) }},
	{"the right gateway lies once", (*world).lie},
	{"verbs", (*world).verbs},
}

// step is one act of somebody.
func (w *world) step(t *rapid.T) {
	w.t, w.oracle.t = t, t
	if w.s.ended {
		w.begin()
	}
	a := acts[w.pick("act", len(acts))]
	a.do(w)
	w.seen.steps++
	w.seen.add("act: " + a.name)
	w.drain()
	w.rest()
	w.seen.states(w.s)
}

// check holds the session against the oracle.
func (w *world) check(*rapid.T) {
	if w.right != nil {
		w.oracle.overhear(w.right)
	}
	if w.seen.steps%8 == 0 {
		wantSmall(w.t, w.s)
	}
}

// drain takes what the session wants done.
func (w *world) drain() {
	for e, ok := w.s.NextEvent(); ok; e, ok = w.s.NextEvent() {
		w.oracle.told(e)
		w.seen.told(e)
		w.remember(e)
	}
	for d, ok := w.s.NextDatagram(); ok; d, ok = w.s.NextDatagram() {
		w.oracle.sent(d)
		if !d.Keepalive {
			w.toThem = append(w.toThem, d)
			w.watch(d)
		}
	}
	w.toThem = w.toThem[max(0, len(w.toThem)-40):]
}

func (w *world) remember(e ike.Event) {
	switch e := e.(type) {
	case ike.ChildUp:
		w.pairs = append(w.pairs, e.SPIIn)
		w.traffic[e.SPIIn] = &ike.Traffic{SPIIn: e.SPIIn}
	case ike.ChildDown:
		delete(w.traffic, e.SPIIn)
	case ike.NeedAnswer:
		w.question = e
	}
}

// watch keeps a datagram that was on the line.
func (w *world) watch(d ike.Datagram) {
	d.Remote = fireboxAddr
	w.line = append(w.line[max(0, len(w.line)-maxLine):], d)
}

// take takes one out of those on their way.
func (w *world) take(from *[]ike.Datagram, i int) ike.Datagram {
	if len(*from) == 0 {
		return ike.Datagram{}
	}
	i %= len(*from)
	d := (*from)[i]
	*from = append(append([]ike.Datagram(nil), (*from)[:i]...), (*from)[i+1:]...)
	return d
}

// land gives a datagram to the session.
func (w *world) land(d ike.Datagram) {
	if len(d.Data) == 0 {
		return
	}
	h, _, err := wire.ParseHeader(d.Data)
	if err == nil {
		w.seen.add("heard: " + h.Exchange.String())
	}
	forged := err != nil || !h.Encrypted() && h.Exchange == wire.ExchangeInformational && h.NextPayload != wire.TypeFragment
	ended := w.s.ended
	w.s.HandleDatagram(w.now, d)
	if forged && w.s.ended && !ended {
		w.t.Fatal("what anybody can send has ended the session")
	}
}

// carry lets everything arrive, both ways, until nobody says more.
func (w *world) carry() {
	for range 20 {
		for _, d := range w.toThem {
			w.hand(w.right, d)
			w.hand(w.fake, d)
		}
		w.ask()
		w.toThem = nil
		out := w.toUs
		w.toUs = nil
		for _, d := range out {
			w.land(d)
		}
		if w.drain(); len(w.toThem)+len(w.toUs) == 0 {
			return
		}
	}
}

// ask has the right gateway ask for the user under a new Phase 1, as it will.
func (w *world) ask() {
	if w.right == nil || !w.right.xauth {
		return
	}
	for _, a := range slices.Clone(w.right.sas) {
		if a.up && !a.ours && !w.asked[a] {
			w.asked[a] = true
			if which := w.pick("question", len(questions)+1); which < len(questions) {
				w.oracle.asked(a)
				w.gateway(w.right, func() { w.right.transactAs(a, w.configID(w.right), questions[which]) })
			}
		}
	}
}

// hand gives a datagram of ours to a gateway; see gateway.
func (w *world) hand(f *firebox, d ike.Datagram) {
	if len(d.Data) == 0 {
		return
	}
	w.gateway(f, func() { f.handle(d) })
}

// gateway lets one do something. It was written to find faults in the session,
// and gives up when it does not understand: here that is nobody's fault.
func (w *world) gateway(f *firebox, do func()) {
	if f == nil {
		return
	}
	defer func() {
		if recover() != nil {
			w.seen.add("gateway: confused")
		}
		if f == w.right {
			w.oracle.overhear(f)
		}
		for _, d := range f.out {
			w.toUs = append(w.toUs, d)
			w.watch(d)
		}
		f.out = nil
		w.toUs = w.toUs[max(0, len(w.toUs)-40):]
		f.forget()
	}()
	do()
}

// forget keeps a gateway small.
func (f *firebox) forget() {
	f.heard, f.notifies, f.deletes, f.configs = nil, nil, nil, nil
	f.children = f.children[max(0, len(f.children)-100):]
	f.sas = f.sas[max(0, len(f.sas)-12):]
}

// pass lets time go forward, seldom far, and wakes the session.
func (w *world) pass() {
	most := []time.Duration{time.Second, 10 * time.Second, 100 * time.Millisecond, 70 * time.Second, time.Hour}[w.pick("how long", 5)]
	w.now = w.now.Add(most / 1000 * time.Duration(1+w.pick("thousandths", 1000)))
	w.tell()
	w.s.HandleTimeout(w.now)
}

func (w *world) tell() {
	var all []ike.Traffic
	for _, spi := range w.pairs {
		if t := w.traffic[spi]; t != nil {
			all = append(all, *t)
		}
	}
	w.s.HandleTraffic(w.now, all)
}

// rest demands that a session which was told the time soon waits for a later
// one.
func (w *world) rest() {
	w.t.Helper()
	for range 100 {
		at, ok := w.s.NextTimeout()
		if !ok || at.After(w.now) {
			return
		}
		if at.Before(epoch) {
			w.t.Fatal("a timeout before everything")
		}
		w.tell()
		w.s.HandleTimeout(w.now)
		w.drain()
	}
	w.t.Fatal("timers go round in circles")
}

// packets counts some on a pair, either way, and tells it.
func (w *world) packets() {
	if len(w.pairs) == 0 {
		return
	}
	if t := w.traffic[w.pairs[len(w.pairs)-1-w.pick("pair", len(w.pairs))]]; t != nil {
		n := uint64(1 + w.pick("packets", 1000))
		switch w.pick("direction", 3) {
		case 0:
			t.PacketsOut, t.BytesOut = t.PacketsOut+n, t.BytesOut+n*1000
		case 1:
			t.PacketsIn, t.BytesIn = t.PacketsIn+n, t.BytesIn+n*1000
		case 2:
			t.PacketsOut, t.BytesOut = t.PacketsOut+n, t.BytesOut+n*10_000_000
		}
	}
	w.tell()
}

// userAnswers answers what was asked, or what was not.
func (w *world) userAnswers() {
	a := w.answer()
	switch w.pick("answer", 16) {
	case 14:
		a.ID += w.pick("other", 3) - 1
	case 15:
		if !w.gentle {
			a.Value = nil
			w.oracle.harm++
		}
	}
	w.s.Answer(w.now, a)
}

// answer is a good answer to the last question.
func (w *world) answer() ike.Answer {
	if w.question.Kind == "xauth-user" {
		return ike.Answer{ID: w.question.ID, Value: []byte("lisa")}
	}
	return ike.Answer{ID: w.question.ID, Value: []byte(secretAnswer)}
}

// verbs are what the tunnel may do.
func (w *world) verbs() {
	switch w.pick("verb", 12) {
	case 11:
		if !w.gentle && w.pick("really", 4) == 2 {
			w.s.Close(w.now)
		}
	case 8, 9, 10:
		w.s.Start(w.now)
	case 4, 5, 6, 7:
		w.s.Rekey(w.now)
	default:
		w.s.Demand(w.now)
	}
}

// lie makes the next proof of the right gateway wrong.
func (w *world) lie() {
	if w.right == nil {
		return
	}
	if w.pick("lie", 2) == 0 {
		w.right.wrongHash = !w.right.wrongHash
		return
	}
	w.right.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
		if h.MessageID != 0 { // what is under its HASH, it has said
			return p
		}
		w.right.edit = nil
		return w.mangled(p)
	}
}

// secretAnswer is what the user says; it must never be read on the line or in
// the log.
const secretAnswer = "open, sesame!"
