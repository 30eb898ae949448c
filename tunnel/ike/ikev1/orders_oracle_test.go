package ikev1

import (
	"bytes"
	"crypto/sha256"
	"reflect"
	"strings"

	"pgregory.net/rapid"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// oracle judges what a session does by what the right gateway knows: which
// Phase 1 it has proved itself in, which Quick Modes it has taken part in, how
// often it has asked. It knows nothing of the session's inside.
type oracle struct {
	t      *rapid.T
	right  *firebox
	xauth  bool // the profile has it
	asks   int  // CFG_REQUESTs for the user that it has sent with a right HASH, under a Phase 1 of ours
	probes int  // R-U-THEREs that it has sent
	harm   int  // what may end the session, from it or the user

	sas      map[string]*boxSA // those in which it has proved itself, by cookies
	quicks   map[uint32][]*boxQuick
	children []boxChild
	acks     map[[sha256.Size]byte]bool // R-U-THERE-ACKs that it was sent

	phase1    map[string]bool // in this session: Phase 1 that is up
	pairs     map[uint32]bool // SA pairs, by inbound SPI; false: gone
	made      map[uint32]int  // SA pairs of a message ID
	questions int             // to the user
	up, down  bool
}

func newOracle(t *rapid.T, right *firebox, xauth bool) *oracle {
	return &oracle{t: t, right: right, xauth: xauth, sas: map[string]*boxSA{}, quicks: map[uint32][]*boxQuick{}, acks: map[[sha256.Size]byte]bool{}}
}

// begin is another session.
func (o *oracle) begin() {
	o.phase1, o.pairs, o.made = map[string]bool{}, map[uint32]bool{}, map[uint32]int{}
	o.questions, o.up, o.down, o.asks, o.harm = 0, false, false, 0, 0
}

// overhear notes what the right gateway has said so far and has heard.
func (o *oracle) overhear(f *firebox) {
	for _, a := range f.sas {
		if a.proved {
			o.sas[string(a.cookies())] = a
		}
		for _, c := range a.configs {
			if a.ours && strings.HasPrefix(c.body, "0200") && strings.Contains(c.body, "408a") {
				o.t.Fatalf("the password is said under a Phase 1 of the gateway: %s", c.body)
			}
		}
		for id, q := range a.quicks {
			if !contains(o.quicks[id], q) {
				o.quicks[id] = append(o.quicks[id], q)
			}
		}
	}
	o.children = f.children
	for _, m := range f.heard {
		for n := range wire.All[wire.Notify](m.payloads) {
			if n.NotifyType == wire.NotifyRUThereAck {
				o.acks[sha256.Sum256(m.raw)] = true
			}
		}
	}
	if len(o.acks) > o.probes {
		o.t.Fatalf("%d answers to %d R-U-THEREs", len(o.acks), o.probes)
	}
}

// asked notes that the right gateway is about to ask for the user under a.
func (o *oracle) asked(a *boxSA) {
	o.harm++
	if !a.ours {
		o.asks++
	}
}

func contains(list []*boxQuick, q *boxQuick) bool {
	for _, other := range list {
		if other == q {
			return true
		}
	}
	return false
}

// told judges an event.
func (o *oracle) told(e ike.Event) {
	if o.down {
		o.t.Fatalf("%T after Down", e)
	}
	switch e := e.(type) {
	case ike.Note:
		o.note(e)
	case ike.IKEUp:
		o.ikeUp(e)
	case ike.ChildUp:
		o.childUp(e)
	case ike.SwitchOutbound:
		o.wantPair(e.SPIIn)
	case ike.ChildDown:
		o.wantPair(e.SPIIn)
		o.pairs[e.SPIIn] = false
	case ike.NeedAnswer:
		if o.questions++; !o.xauth || o.questions > 3*o.asks || len(o.phase1) == 0 {
			o.t.Fatalf("the user is asked %q for the time %d, while the gateway has asked %d times", e.Prompt, o.questions, o.asks)
		}
	case ike.Up:
		if o.up = true; len(o.phase1) == 0 {
			o.t.Fatal("up without Phase 1")
		}
	case ike.Down:
		o.ended(e.Reason)
	}
}

// note demands that no line holds a secret.
func (o *oracle) note(n ike.Note) {
	if strings.Contains(n.Text, secretAnswer) || o.right.psk != "" && strings.Contains(n.Text, o.right.psk) {
		o.t.Fatalf("a secret in the log: %s", n.Text)
	}
}

// ikeUp demands that the right gateway has proved itself in this Phase 1.
func (o *oracle) ikeUp(e ike.IKEUp) {
	o.overhear(o.right)
	c := string(e.InitiatorCookie[:]) + string(e.ResponderCookie[:])
	if a := o.sas[c]; a == nil || exchangeName(a.exchange) != e.Exchange {
		o.t.Fatalf("Phase 1 with %x is up, and the gateway has not proved itself in it", c)
	}
	if o.phase1[c] {
		o.t.Fatalf("Phase 1 with %x is up twice", c)
	}
	o.phase1[c] = true
}

// childUp demands that the right gateway has taken part in this Quick Mode, with
// these SPIs and keys, and that it is the first pair of it.
func (o *oracle) childUp(e ike.ChildUp) {
	o.overhear(o.right)
	if _, again := o.pairs[e.SPIIn]; again || len(o.phase1) == 0 {
		o.t.Fatalf("the pair %08x is there twice, or without Phase 1", e.SPIIn)
	}
	o.pairs[e.SPIIn] = true
	if o.made[e.MessageID]++; o.made[e.MessageID] > 1 {
		o.t.Fatalf("another pair of Quick Mode %08x", e.MessageID)
	}
	if len(e.Local) != 1 || !e.Local[0].IsSingleIP() || len(e.Remote) == 0 {
		o.t.Fatalf("a pair between %v and %v", e.Local, e.Remote)
	}
	if !o.agreed(e) {
		o.t.Fatalf("the gateway knows nothing of the pair %08x/%08x of Quick Mode %08x", e.SPIIn, e.SPIOut, e.MessageID)
	}
}

// agreed says that the gateway has the same pair, or, in a Quick Mode that it has
// started and in which it has not seen message 2, half of it.
func (o *oracle) agreed(e ike.ChildUp) bool {
	for _, q := range o.quicks[e.MessageID] {
		if q.ours && q.child.in == e.SPIOut {
			return true
		}
	}
	for _, c := range o.children {
		if c.messageID == e.MessageID && c.in == e.SPIOut && c.out == e.SPIIn {
			return bytes.Equal(c.keyIn.Encryption, e.KeyOut.Encryption) && bytes.Equal(c.keyOut.Integrity, e.KeyIn.Integrity)
		}
	}
	return false
}

func (o *oracle) wantPair(spi uint32) {
	if !o.pairs[spi] {
		o.t.Fatalf("something is done with the pair %08x, which is not there", spi)
	}
}

// ended demands that what only the right gateway can cause was caused by it.
func (o *oracle) ended(r *reason.Reason) {
	o.down = true
	for spi, there := range o.pairs {
		if there {
			o.t.Fatalf("the pair %08x outlives the session", spi)
		}
	}
	switch r.Code {
	case reason.GWClosed, reason.GWFull:
		if o.harm == 0 {
			o.t.Fatalf("the gateway has deleted nothing: %v", r)
		}
	case reason.UserAuth:
		if o.harm == 0 {
			o.t.Fatalf("the gateway has not asked for the user: %v", r)
		}
	case reason.XAuthExpected: // it has asked, or has agreed to the same with XAuth
		if o.harm == 0 && len(o.sas) == 0 {
			o.t.Fatalf("the gateway knows nothing of XAuth: %v", r)
		}
	case reason.Internal:
		o.t.Fatalf("our own fault: %v", r)
	}
}

// sent judges a datagram: nothing but Phase 1 and a probe of IKEv2 may leave
// before the right gateway has proved itself, and no secret in clear.
func (o *oracle) sent(d ike.Datagram) {
	if bytes.Contains(d.Data, []byte(secretAnswer)) || o.right.psk != "" && bytes.Contains(d.Data, []byte(o.right.psk)) {
		o.t.Fatal("a secret in clear on the line")
	}
	h, _, err := wire.ParseHeader(d.Data)
	if err != nil {
		if !d.Keepalive {
			o.t.Fatal(err)
		}
		return
	}
	switch h.Exchange {
	case wire.ExchangeAggressive, wire.ExchangeMain, wire.ExchangeIKESAInit:
		return
	}
	c := string(h.InitiatorCookie[:]) + string(h.ResponderCookie[:])
	if !h.Encrypted() || o.sas[c] == nil || !o.phase1[c] && !o.down {
		o.t.Fatalf("%s leaves before the gateway has proved itself", h.Summary())
	}
}

// The bounds of what a session may keep.
const (
	mostElements = 1024      // of one slice or map
	mostOctets   = 64 << 10  // of one string of octets
	mostInAll    = 512 << 10 // octets
)

// wantSmall walks through everything that the session keeps.
func wantSmall(t *rapid.T, s *Session) {
	wantBounded(t, s, 32)
	w := weigher{t: t, seen: map[uintptr]bool{}}
	w.walk("session", reflect.ValueOf(s))
	if w.octets > mostInAll {
		t.Fatalf("the session keeps %d octets", w.octets)
	}
}

type weigher struct {
	t      *rapid.T
	seen   map[uintptr]bool
	octets int
}

func (w *weigher) walk(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || w.seen[v.Pointer()] || !strings.Contains(v.Type().String(), "ikev1.") {
			return
		}
		w.seen[v.Pointer()] = true
		w.walk(path, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "cfg" {
				w.walk(path+"."+name, v.Field(i))
			}
		}
	case reflect.Array:
		w.elements(path, v)
	case reflect.Slice:
		w.slice(path, v)
	case reflect.String:
		w.octets += v.Len()
	case reflect.Map:
		w.t.Fatalf("%s is a map: who bounds it?", path)
	}
}

func (w *weigher) slice(path string, v reflect.Value) {
	most := mostElements
	if v.Type().Elem().Kind() == reflect.Uint8 {
		most = mostOctets
	}
	if v.Len() > most || v.Cap() > 4*most {
		w.t.Fatalf("%s has %d elements, and room for %d", path, v.Len(), v.Cap())
	}
	w.octets += v.Len() * int(v.Type().Elem().Size())
	w.elements(path, v)
}

func (w *weigher) elements(path string, v reflect.Value) {
	switch v.Type().Elem().Kind() {
	case reflect.Slice, reflect.Struct, reflect.Pointer, reflect.String, reflect.Interface:
		for i := range v.Len() {
			w.walk(path+"[]", v.Index(i))
		}
	}
}
