package wire

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

// A payload that is written and read is the same payload, alone and in a chain
// with padding behind it.
func TestPayloadRoundTrip(t *testing.T) {
	all := samples()
	chain := AppendPayloads(nil, all...)
	got, padding, err := ParsePayloads(First(all...), append(chain, 0, 0, 7))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(padding, []byte{0, 0, 7}) || got.Len() != len(chain) {
		t.Errorf("padding %x behind %d octets of %d", padding, got.Len(), len(chain))
	}
	for i, want := range all {
		if got[i].Type != want.Type() || !bytes.Equal(got[i].Body, Body(want)) {
			t.Errorf("payload %d: %s %x, want %s", i, got[i].Type, got[i].Body, want.Summary())
		}
		if !equalPayloads(got[i].Payload, want) {
			t.Errorf("payload %d: %#v, want %#v", i, got[i].Payload, want)
		}
	}
}

// equalPayloads compares and takes an empty slice for a missing one.
func equalPayloads(a, b Payload) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && a.Summary() == b.Summary() && bytes.Equal(Body(a), Body(b))
}

// A chain can be asked for its payloads by number and by Go type.
func TestPayloadsAreFound(t *testing.T) {
	p, _, err := ParsePayloads(TypeVendorID, AppendPayloads(nil,
		VendorID("one"), Hash("sum"), VendorID("two")))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for v := range All[VendorID](p) {
		ids = append(ids, string(v))
	}
	if strings.Join(ids, " ") != "one two" || p.Count(TypeVendorID) != 2 {
		t.Errorf("vendor IDs %q", ids)
	}
	if e, ok := p.First(TypeHash); !ok || string(e.Body) != "sum" || e.Offset != 7 || e.End() != 14 {
		t.Errorf("hash %+v", e)
	}
	if h, ok := Get[Hash](p); !ok || string(h) != "sum" {
		t.Errorf("hash %s", h)
	}
	if _, ok := Get[Nonce](p); ok {
		t.Error("a nonce that is not there")
	}
	if _, ok := p.First(TypeNonce); ok || Payloads(nil).Len() != 0 {
		t.Error("a nonce that is not there")
	}
}

// Every fault names the payload, the octet and what is wrong with it.
func TestMalformedPayloads(t *testing.T) {
	for _, test := range []struct {
		first PayloadType
		chain string // hexadecimal; blanks are for the reader
		want  string
	}{
		{TypeHash, "", "ISA_HASH at octet 0: the message ends within the generic header: 0 octets left"},
		{TypeHash, "0a00 0005 01", "ISA_NONCE at octet 5: the message ends within the generic header: 0 octets left"},
		{TypeHash, "0001 0005 01", "ISA_HASH at octet 1: RESERVED is 0x01 instead of zero"},
		{TypeHash, "0000 0003 01", "ISA_HASH at octet 2: payload length 3 is shorter than the generic header"},
		{TypeHash, "0000 0006 01", "ISA_HASH at octet 2: payload length 6, but only 5 octets left"},
		{TypeHash, "0000 0004", "ISA_HASH at octet 4: an empty hash"},
		{TypeKE, "0000 0004", "ISA_KE at octet 4: an empty public value"},
		{TypeSignature, "0000 0004", "ISA_SIG at octet 4: an empty signature"},
		{TypeCert, "0000 0004", "ISA_CERT at octet 4: no certificate encoding"},
		{TypeCertRequest, "0000 0004", "ISA_CERTREQ at octet 4: no certificate type"},
		{TypeNonce, "0000 000b 01020304050607", "ISA_NONCE at octet 4: a nonce of 7 octets, not 8 to 256"},
		{TypeID, "0000 0007 010000", "ISA_ID at octet 4: 3 octets are too few for type, protocol and port"},
		{TypeID, "0000 000b 01000000 c0a801", "ISA_ID at octet 8: IPV4_ADDR has 3 octets of data, not 4"},
		{TypeID, "0000 000c 04000000 c0a80100", "ISA_ID at octet 8: IPV4_ADDR_SUBNET has 4 octets of data, not 8"},
		{TypeNotify, "0000 000b 00000001 010000", "ISA_NOTIFY at octet 4: 7 octets are too few for a notification"},
		{TypeNotify, "0000 000d 00000001 0102000e ff", "ISA_NOTIFY at octet 9: SPI size 2, but only 1 octets left"},
		{TypeDelete, "0000 0009 00000001 03", "ISA_DELETE at octet 4: 5 octets are too few for a DELETE"},
		{TypeDelete, "0000 000c 00000001 03000001", "ISA_DELETE at octet 9: an SPI size of zero"},
		{TypeDelete, "0000 000c 00000001 03040000", "ISA_DELETE at octet 10: no SPI"},
		{TypeDelete, "0000 000f 00000001 03040001 010203", "ISA_DELETE at octet 12: 1 SPIs of 4 octets in 3 octets"},
		{TypeNATD, "0000 0004", "ISA_NATD at octet 4: an empty hash"},
		{TypeNATOA, "0000 0007 010000", "ISA_NATOA at octet 4: 3 octets are too few for an address"},
		{TypeNATOA, "0000 000c 01000001 c0a80101", "ISA_NATOA at octet 5: RESERVED is not zero"},
		{TypeNATOADraft, "0000 000c 05000000 c0a80101", "ISA_NATOA at octet 4: IPV6_ADDR with 4 octets is no address"},
		{TypeConfig, "0000 0007 010000", "ISA_CONFIG at octet 4: 3 octets are too few for type and identifier"},
		{TypeConfig, "0000 0008 01ff0000", "ISA_CONFIG at octet 5: RESERVED is 0xff instead of zero"},
		{TypeConfig, "0000 000e 01000000 4089 0005 7878", "ISA_CONFIG at octet 10: attribute 16521 has length 5, but only 2 octets are left"},
		{TypeConfig, "0000 000a 01000000 4089", "ISA_CONFIG at octet 8: 2 octets left of an attribute"},
		{TypeFragment, "0000 0008 00010101", "ISA_FRAGMENT at octet 4: a fragment of 4 octets"},
		{TypeFragment, "0000 0009 00010001 ff", "ISA_FRAGMENT at octet 6: fragment number 0"},
		{TypeFragment, "0000 0009 00010102 ff", "ISA_FRAGMENT at octet 7: fragment flags 0x02"},
	} {
		checkFault(t, test.first, test.chain, test.want)
	}
}

// The same for what lies inside an SA payload.
func TestMalformedSA(t *testing.T) {
	for _, test := range []struct{ chain, want string }{
		{"0000 000b 00000001 000000", "ISA_SA at octet 4: 7 octets are too few for DOI and situation"},
		{"0000 000c 00000002 00000001", "ISA_SA at octet 4: DOI 2"},
		{"0000 000c 00000001 00000003", "ISA_SA at octet 8: situation 3"},
		{"0000 000c 00000001 00000001", "ISA_SA at octet 12: 0 octets are too few for a generic header"},
		{"0000 0010 00000001 00000001 01000004", "ISA_SA at octet 12: next payload 1, neither 2 nor 0"},
		{"0000 0010 00000001 00000001 00010004", "ISA_SA at octet 13: RESERVED is 0x01 instead of zero"},
		{"0000 0010 00000001 00000001 00000003", "ISA_SA at octet 14: length 3 is shorter than the generic header"},
		{"0000 0010 00000001 00000001 00000004", "ISA_SA at octet 16: a proposal of 4 octets"},
		{"0000 0010 00000001 00000001 00000009", "ISA_SA at octet 14: length 9, but only 4 octets left"},
		{"0000 0014 00000001 00000001 00000008 01010001", "ISA_SA at octet 20: 0 octets are too few for a generic header"},
		{"0000 0014 00000001 00000001 00000008 01010401", "ISA_SA at octet 18: SPI size 4, but only 0 octets left"},
		{"0000 0014 00000001 00000001 00000008 01010000", "ISA_SA at octet 19: a proposal without a transform"},
		{"0000 0014 00000001 00000001 00000008 010100ff", "ISA_SA at octet 19: too many transforms in one message"},
		{"0000 0018 00000001 00000001 0000000c 01010001 02000004", "ISA_SA at octet 20: next payload 2, neither 3 nor 0"},
		{"0000 0018 00000001 00000001 0000000c 01010001 00000004", "ISA_SA at octet 24: a transform of 4 octets"},
		{"0000 001c 00000001 00000001 00000010 01010001 00000008 01010100", "ISA_SA at octet 26: RESERVED2 is not zero"},
		{"0000 001c 00000001 00000001 00000010 01010002 00000008 01010000", "ISA_SA at octet 28: 1 transforms, but the proposal counts 2"},
		{"0000 001e 00000001 00000001 00000012 01010001 00000008 01010000 ffff", "ISA_SA at octet 28: 2 octets behind the last transform"},
		{"0000 001e 00000001 00000001 00000010 01010001 00000008 01010000 ffff", "ISA_SA at octet 28: 2 octets behind the last proposal"},
		{"0000 001e 00000001 00000001 00000012 01010001 0000000a 01010000 8001", "ISA_SA at octet 28: 2 octets left of an attribute"},
		{"0000 001c 00000001 00000001 00000010 01010001 03000008 01010000", "ISA_SA at octet 28: more transforms than the 1 that the proposal counts"},
	} {
		checkFault(t, TypeSA, test.chain, test.want)
	}
}

func checkFault(t *testing.T, first PayloadType, chain, want string) {
	t.Helper()
	octets, err := hex.DecodeString(strings.ReplaceAll(chain, " ", ""))
	if err != nil {
		t.Fatalf("%q: %v", chain, err)
	}
	p, _, err := ParsePayloads(first, octets)
	if err == nil {
		t.Errorf("%q is taken for %s", chain, Summary(Header{}, p))
	} else if err.Error() != want {
		t.Errorf("%q:\n got %s\nwant %s", chain, err, want)
	}
}

// A fault also says which notification RFC 2408 section 5 has for it.
func TestFaultsHaveNotifications(t *testing.T) {
	for chain, want := range map[string]NotifyType{
		"0000000c 00000002 00000001": NotifyDOINotSupported,
		"0000000c 00000001 00000003": NotifySituationNotSupported,
		"0000000c 00000001 00000001": NotifyPayloadMalformed,
	} {
		octets, _ := hex.DecodeString(strings.ReplaceAll(chain, " ", ""))
		_, _, err := ParsePayloads(TypeSA, octets)
		if e, ok := err.(*Error); !ok || e.Notify != want {
			t.Errorf("%s: %v, want %s", chain, err, want)
		}
	}
}

// What is walked in one message is limited, also when it is spread over
// several payloads.
func TestLimits(t *testing.T) {
	transforms := func(n int) SA {
		return SA{Proposals: []Proposal{{Protocol: ProtocolISAKMP, Transforms: make([]Transform, n)}}}
	}
	attributes := func(n int) Config { return Config{Attributes: manyAttributes(n)} }
	spis := func(n int) Delete {
		d := Delete{SPIs: make([][]byte, n)}
		for i := range d.SPIs {
			d.SPIs[i] = make([]byte, 4)
		}
		return d
	}
	for _, test := range []struct {
		name     string
		payloads []Payload
		want     string
	}{
		{"32 payloads", repeat(Hash{1}, 32), ""},
		{"33 payloads", repeat(Hash{1}, 33), "ISA_HASH at octet 160: more than 32 payloads"},
		{"64 transforms", []Payload{transforms(32), transforms(32)}, ""},
		{"65 transforms", []Payload{transforms(32), transforms(33)}, "ISA_SA at octet 295: too many transforms in one message"},
		{"1024 attributes", []Payload{attributes(1000), attributes(24)}, ""},
		{"1025 attributes", []Payload{attributes(1000), attributes(25)}, "ISA_CONFIG at octet 4016: too many attributes in one message"},
		{"256 SPIs", []Payload{spis(200), spis(56)}, ""},
		{"257 SPIs", []Payload{spis(200), spis(57)}, "ISA_DELETE at octet 822: too many SPIs in one message"},
	} {
		_, _, err := ParsePayloads(First(test.payloads...), AppendPayloads(nil, test.payloads...))
		if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func repeat(p Payload, n int) []Payload {
	all := make([]Payload, n)
	for i := range all {
		all[i] = p
	}
	return all
}

func manyAttributes(n int) []Attribute {
	a := make([]Attribute, n)
	for i := range a {
		a[i] = TV(1, 1)
	}
	return a
}

// No message costs more than 64 KiB to read, not even one made for it.
func TestAllocationIsBounded(t *testing.T) {
	worst := []Payload{Config{Attributes: manyAttributes(1024 - 64)}}
	for range 30 {
		worst = append(worst, Unknown{Number: 200, Body: []byte{1}})
	}
	var sa SA
	for range 64 {
		sa.Proposals = append(sa.Proposals, Proposal{Transforms: []Transform{{Attributes: manyAttributes(1)}}})
	}
	chain := AppendPayloads(nil, append(worst, sa)...)
	if _, _, err := ParsePayloads(TypeConfig, chain); err != nil {
		t.Fatal(err)
	}
	if n := allocated(func() { ParsePayloads(TypeConfig, chain) }); n > maxAllocated {
		t.Errorf("%d octets allocated", n)
	}
}

// Writing what has no place on the wire is our own fault and panics.
func TestImpossiblePayloadsPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"payload":         func() { AppendPayloads(nil, VendorID(make([]byte, 0x10000-4))) },
		"attribute":       func() { AppendAttributes(nil, TLV(1, make([]byte, 0x10000))) },
		"short attribute": func() { AppendAttributes(nil, Attribute{Type: 1, Short: true}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("an impossible %s is written", name)
				}
			}()
			f()
		}()
	}
}
