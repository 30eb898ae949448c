package ikev1

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// foreign is one of the published exchanges between another client and another
// gateway, with XAuth and Mode-Config: package wire tells more of them.
type foreign struct {
	CookieI   capturedOctets `json:"initiator_cookie"`
	GXI       capturedOctets `json:"g_xi"`
	Ni        capturedOctets `json:"ni"`
	Datagrams []struct {
		Index     int
		Hex       capturedOctets
		Plaintext capturedOctets
	}
}

type capturedOctets []byte

func (o *capturedOctets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

func readCapture(t *testing.T, name string) (c foreign) {
	t.Helper()
	text, err := os.ReadFile("../wire/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// config is the configuration payload of an encrypted datagram, and its octets.
func (c foreign) config(t *testing.T, index int) (wire.Config, []byte) {
	t.Helper()
	p, _, err := wire.ParsePayloads(wire.TypeHash, c.Datagrams[index-1].Plaintext)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := p.First(wire.TypeConfig)
	config, _ := wire.Get[wire.Config](p)
	return config, e.Body
}

// The first message of the captured client, made by our code of its cookie, its
// public value and its nonce.
func TestCapturedMessage1(t *testing.T) {
	c := readCapture(t, "ikev1-aggressive-xauth-modecfg.json")
	head, body, err := wire.ParseHeader(c.Datagrams[0].Hex)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := wire.ParsePayloads(head.NextPayload, body)
	if err != nil {
		t.Fatal(err)
	}
	offer, _ := wire.Get[wire.SA](p)
	s := New(ike.Config{LocalID: ike.ID{Type: 3, Data: []byte("mpa@tablet.localdomain")}})
	h := half{exchange: wire.ExchangeAggressive, initiator: true, cookieI: wire.Cookie(c.CookieI)}
	m := h.clear(offer, wire.KeyExchange(c.GXI), wire.Nonce(c.Ni), s.identity(),
		wire.VendorFragmentation.Payload(), wire.VendorRFC3947.Payload(),
		wire.VendorNATTDraft02.Payload(), wire.VendorNATTDraft02n.Payload(), wire.VendorID(octets(t, "4485152d18b6bbcd0be8a8469579ddcc")),
		wire.VendorXAuth.Payload(), wire.VendorCiscoUnity.Payload(), wire.VendorDPD.Payload())
	if !bytes.Equal(m.raw, c.Datagrams[0].Hex) {
		t.Errorf("made\n%x\ncaptured\n%x", m.raw, c.Datagrams[0].Hex)
	}
}

// What the captured clients offer, our code offers with the same attributes; only
// their order is ours (quirk 8).
func TestCapturedOffers(t *testing.T) {
	for _, name := range []string{"ikev1-aggressive-xauth-modecfg.json", "ikev1-main-quick.json"} {
		c := readCapture(t, name)
		head, body, _ := wire.ParseHeader(c.Datagrams[0].Hex)
		p, _, err := wire.ParsePayloads(head.NextPayload, body)
		if err != nil {
			t.Fatal(err)
		}
		offer, _ := wire.Get[wire.SA](p)
		var proposals []suite.Proposal
		for _, a := range alternatives(offer, wire.ProtocolISAKMP, func(t wire.Transform) (terms, error) {
			return phase1Terms(t, wire.AuthXAuthInitPSK)
		}) {
			proposals = append(proposals, a.terms.proposal)
		}
		ours, err := phase1SA(proposals, method(ike.MethodXAuthPSK, true), 8*time.Hour)
		if err != nil || len(proposals) != len(offer.Proposals[0].Transforms) {
			t.Fatalf("%s: %d of %d transforms, %v", name, len(proposals), len(offer.Proposals[0].Transforms), err)
		}
		if got, want := sortedOffer(ours), sortedOffer(offer); !bytes.Equal(got, want) {
			t.Errorf("%s: offered\n%x\ncaptured\n%x", name, got, want)
		}
	}
}

// sortedOffer is an SA with the attributes of each transform in the order of
// their numbers.
func sortedOffer(sa wire.SA) []byte {
	for _, t := range sa.Proposals[0].Transforms {
		slices.SortFunc(t.Attributes, func(a, b wire.Attribute) int { return cmp.Compare(a.Type, b.Type) })
	}
	return wire.Body(sa)
}

// The captured gateways' requests get the answers that the captured clients gave:
// octet by octet the same reply and acknowledgement.
func TestCapturedXAuth(t *testing.T) {
	for _, x := range []struct {
		name                     string
		request, reply, set, ack int
	}{
		{"ikev1-aggressive-xauth-modecfg.json", 5, 6, 7, 8},
		{"ikev1-main-quick.json", 7, 9, 10, 11},
	} {
		c := readCapture(t, x.name)
		b := roadWarrior(t, "silent", func(cfg *ike.Config, _ *firebox) { cfg.Username = "mpa" }).start()
		_, request := c.config(t, x.request)
		_, reply := c.config(t, x.reply)
		b.f.transact(7, hex.EncodeToString(request))
		b.settle()
		b.answer("mpa\x00")
		b.wantConfig(7, hex.EncodeToString(reply))
		_, set := c.config(t, x.set)
		_, ack := c.config(t, x.ack)
		b.f.transact(8, hex.EncodeToString(set))
		b.settle()
		if got := b.f.configs[1]; got.id != 8 || got.body != hex.EncodeToString(ack) {
			t.Errorf("%s: acknowledged by %s, captured %x", x.name, got.body, ack)
		}
		b.wantConfigRequest()
	}
}

// TestQuirk29CapturedSplitInclude: the captured gateways' replies, behind the type
// and the identifier.
func TestQuirk29CapturedSplitInclude(t *testing.T) {
	for name, index := range map[string]int{"ikev1-aggressive-xauth-modecfg.json": 10, "ikev1-main-quick.json": 13} {
		_, body := readCapture(t, name).config(t, index)
		b := roadWarrior(t, "silent", nil).pass()
		request := b.f.configs[len(b.f.configs)-1]
		b.f.transact(request.id, "0200"+request.body[4:8]+hex.EncodeToString(body[4:]))
		b.settle()
		b.wantUp()
		n := last[ike.Up](b).Network
		if n.VirtualIP.String() != "10.1.1.1" || len(n.Networks) != 1 || n.Networks[0].String() != "10.1.0.0/16" {
			t.Errorf("%s: %+v", name, n)
		}
	}
}
