package gateway_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// faulty is a peer of a gateway with faults, as a configuration says them.
func faulty(t *testing.T, faults ...string) *peer {
	t.Helper()
	config := gatewaytest.Firebox()
	for _, s := range faults {
		f, err := gateway.ParseFault(s)
		if err != nil {
			t.Fatal(err)
		}
		config.Faults = append(config.Faults, f)
	}
	return newPeer(t, config)
}

// A fault is read and written in one way.
func TestParseFault(t *testing.T) {
	for in, out := range map[string]string{
		"wrong-hash=AG2": "wrong-hash=AG2", "silence=QM2": "silence=QM2", "drop=QM2": "drop=QM2,1", "drop=QM2,3": "drop=QM2,3",
		"late=AG2": "late=AG2,1s", "late=AG2,5s": "late=AG2,5s", "delete=ESP": "delete=ESP,0s", "delete=ISAKMP,2s": "delete=ISAKMP,2s",
		"clear-notify=AG2,24": "clear-notify=AG2,24", "no-dpd-answer": "no-dpd-answer", "full": "full",
	} {
		f, err := gateway.ParseFault(in)
		if err != nil || f.String() != out {
			t.Errorf("%s: %s, %v", in, f, err)
		}
	}
	for _, in := range []string{"", "else", "drop", "drop=XX", "drop=QM2,x", "late=AG2,soon", "full=AG2", "wrong-hash=AG2,3", "delete=ESP,"} {
		if f, err := gateway.ParseFault(in); err == nil && in != "delete=ESP," {
			t.Errorf("%q is taken for %s", in, f)
		}
	}
}

// A fault is written down, so that nobody blames the client for it.
func TestWrongHash(t *testing.T) {
	c := faulty(t, "wrong-hash=AG2")
	c.send(c.Aggressive1())
	if c.Aggressive2(c.Clear()) {
		t.Error("HASH_R is right")
	}
	c.logged("Misbehaving: wrong-hash=AG2")

	c = faulty(t, "wrong-hash=QM2")
	c.Connect()
	q, m := c.Quick1()
	c.send(m)
	if c.Quick2(q, c.next()) {
		t.Error("HASH(2) is right")
	}

	c = faulty(t, "wrong-hash=MM6")
	c.send(c.Main1())
	c.send(c.Main3(c.Clear()))
	c.send(c.Main5(c.Clear()))
	if c.Main6(c.next()) {
		t.Error("HASH_R is right")
	}
}

func TestNoProposal(t *testing.T) {
	c := faulty(t, "no-proposal=AG2", "no-proposal=QM2")
	c.send(c.Aggressive1())
	if n, _ := wire.Get[wire.Notify](c.Clear().Payloads); n.NotifyType != wire.NotifyNoProposalChosen {
		t.Error(n.Summary())
	}
	c = faulty(t, "no-proposal=QM2")
	c.Connect()
	_, m := c.Quick1()
	c.send(m)
	if n, _ := wire.Get[wire.Notify](c.Informational()); n.NotifyType != wire.NotifyNoProposalChosen {
		t.Error(n.Summary())
	}
}

// From its step on a silent gateway sends nothing any more.
func TestSilence(t *testing.T) {
	c := faulty(t, "silence=QM2")
	c.Connect()
	_, m := c.Quick1()
	c.send(m)
	c.send(c.Inform(c.Status(wire.NotifyRUThere, []byte{0, 0, 0, 1})))
	c.wait(time.Minute)
	c.silent()
	c.g.Misbehave()
	c.send(c.Inform(c.Status(wire.NotifyRUThere, []byte{0, 0, 0, 2})))
	c.Informational()
}

// A lost message comes when the client asks again.
func TestDrop(t *testing.T) {
	c := faulty(t, "drop=AG2,2")
	m := c.Aggressive1()
	c.send(m)
	c.send(m)
	c.silent()
	c.send(m)
	c.Aggressive2(c.Clear())
}

func TestLateDuplicateAndGarbage(t *testing.T) {
	c := faulty(t, "late=AG2,3s", "duplicate=AG2", "garbage=AG2")
	c.send(c.Aggressive1())
	c.wait(2 * time.Second)
	c.silent()
	c.wait(2 * time.Second)
	if len(c.received) != 3 {
		t.Fatalf("%d datagrams", len(c.received))
	}
	if _, err := wire.ParseMessage(c.next()); err == nil {
		t.Error("no garbage")
	}
	if string(c.received[0].Data) != string(c.received[1].Data) {
		t.Error("no duplicate")
	}
	c.Aggressive2(c.Clear())
}

// A DELETE overtakes the Quick Mode answer (quirk 21).
func TestReorder(t *testing.T) {
	c := faulty(t, "reorder=QM2", "delete=ISAKMP,1s")
	c.Connect()
	q, m := c.Quick1()
	c.send(m)
	c.silent()
	c.wait(2 * time.Second)
	if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || d.Protocol != wire.ProtocolISAKMP {
		t.Errorf("%s", d.Summary())
	}
	if !c.Quick2(q, c.next()) {
		t.Error("HASH(2) is wrong")
	}
}

func TestWrongCookieAndClearNotify(t *testing.T) {
	c := faulty(t, "wrong-cookie=AG2", "clear-notify=AG2,24")
	c.send(c.Aggressive1())
	if n, _ := wire.Get[wire.Notify](c.Clear().Payloads); n.NotifyType != wire.NotifyAuthenticationFailed {
		t.Error(n.Summary())
	}
	wrong := c.Clear()
	c.g.Misbehave()
	c.send(c.Aggressive1())
	right := c.Clear()
	if !strings.HasPrefix(right.Summary(), wrong.Summary()) || wrong.Header.ResponderCookie == right.Header.ResponderCookie {
		t.Errorf("%s, %s", wrong.Summary(), right.Summary())
	}
}

func TestOtherID(t *testing.T) {
	c := faulty(t, "other-id=AG2", "other-id=QM2")
	c.send(c.Aggressive1())
	m := c.Clear()
	if id, _ := wire.Get[wire.ID](m.Payloads); id.Summary() != `FQDN "another.example.com"` {
		t.Error(id.Summary())
	}
	if !c.Aggressive2(m) {
		t.Error("HASH_R does not cover the other identity")
	}
	c.send(c.Aggressive3())
	q := c.Quick()
	var ids []string
	for id := range wire.All[wire.ID](q.Answer) {
		ids = append(ids, id.Summary())
	}
	if strings.Join(ids, ", ") != "IPV4_ADDR 192.168.10.201, IPV4_ADDR_SUBNET 198.18.0.0/15" {
		t.Error(ids)
	}
}

// The gateway accepts what was not offered.
func TestOtherProposal(t *testing.T) {
	c := faulty(t, "other-proposal=AG2", "other-proposal=QM2")
	c.send(c.Aggressive1())
	m := c.Clear()
	sa, _ := wire.Get[wire.SA](m.Payloads)
	if got := sa.Summary(); got != "ISAKMP #0: DES_CBC SHA1 MODP_768 PSK sec: Life=3600" {
		t.Error(got)
	}
	c.Aggressive2(m)
	c.send(c.Aggressive3())
	transform, _ := c.Chosen(c.Quick())
	if got := transform.Summary(wire.ProtocolESP); got != "ESP_3DES sec: Life=3600 Tunnel AUTH_ALG_HMAC_MD5" {
		t.Error(got)
	}
}

// The gateway sends transforms back under another number and in another order
// (quirk 9), and the HASH last (quirk 4).
func TestLegalOddities(t *testing.T) {
	c := faulty(t, "renumber=AG2", "renumber=QM2", "hash-last=AG2")
	c.send(c.Aggressive1())
	m := c.Clear()
	if m.Payloads[len(m.Payloads)-1].Type != wire.TypeHash || !c.Aggressive2(m) {
		t.Error(m.Summary())
	}
	sa, _ := wire.Get[wire.SA](m.Payloads)
	if got := sa.Summary(); got != "ISAKMP #0: PSK MODP_768 MD5 DES_CBC sec: Life=3600" || sa.Proposals[0].Transforms[0].Number != 9 {
		t.Error(got)
	}
	c.send(c.Aggressive3())
	q := c.Quick()
	transform, _ := c.Chosen(q)
	if got := transform.Summary(wire.ProtocolESP); got != "ESP_3DES AUTH_ALG_HMAC_SHA1 Tunnel sec: Life=3600" {
		t.Error(got)
	}
	c.pairUp(q)
}

// A public value of 1 makes the shared secret known to everybody.
func TestBadPublic(t *testing.T) {
	c := faulty(t, "bad-public=AG2")
	c.send(c.Aggressive1())
	ke, _ := wire.Get[wire.KeyExchange](c.Clear().Payloads)
	if len(ke) != 96 || ke[95] != 1 || strings.Trim(string(ke[:95]), "\x00") != "" {
		t.Errorf("%x", []byte(ke))
	}
}

// The gateway deletes what has just come up.
func TestDeletes(t *testing.T) {
	c := faulty(t, "delete=ESP,5s")
	c.Connect()
	c.Quick()
	c.wait(4 * time.Second)
	c.silent()
	c.wait(time.Second)
	if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || binary.BigEndian.Uint32(d.SPIs[0]) != c.installs[0].SPIIn {
		t.Errorf("%s", d.Summary())
	}
	c = faulty(t, "full")
	c.Connect()
	if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || string(d.SPIs[0]) != string(c.Cookies()) {
		t.Errorf("%s", d.Summary())
	}
	c.logged("0203-0016")
	_, m := c.Quick1()
	c.send(m)
	c.silent()
}

// A gateway that speaks IKEv2 only refuses IKEv1 and answers IKE_SA_INIT.
func TestVersion2(t *testing.T) {
	init := wire.Header{InitiatorCookie: wire.Cookie{1}, Version: wire.Version2, Exchange: wire.ExchangeIKESAInit, Flags: 8, NextPayload: 33}
	c := newPeer(t, gatewaytest.Firebox())
	c.send(init.Append(nil, nil))
	c.silent()
	c.logged("0203-002A")
	config := gatewaytest.Firebox()
	config.Phase1.Exchanges, config.Phase1.Silent = []wire.Exchange{wire.ExchangeIKESAInit}, true
	c = newPeer(t, config)
	c.send(init.Append(nil, nil))
	if h, _, err := wire.ParseHeader(c.next()); err != nil || h.Major() != 2 || h.Flags != 0x20 || h.ResponderCookie.IsZero() {
		t.Errorf("%+v, %v", h, err)
	}
	c.send(c.Aggressive1())
	c.send(c.Main1())
	c.silent()
}

// A gateway that is closed says goodbye to everybody.
func TestClose(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	c.Quick()
	c.g.Close(c.now)
	c.collect()
	for _, want := range []wire.Protocol{wire.ProtocolESP, wire.ProtocolISAKMP} {
		if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || d.Protocol != want {
			t.Errorf("%s", d.Summary())
		}
	}
	c.logged(`User "lisa" logged out`)
}
