package wire

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// capture is one of the published exchanges in testdata.
type capture struct {
	EncryptionKey  octets `json:"encryption_key"`
	GXI            octets `json:"g_xi"`
	GXR            octets `json:"g_xr"`
	Phase1FirstIV  octets `json:"phase1_first_iv"`
	Phase1LastIV   octets `json:"phase1_last_iv"`
	Datagrams      []vectorDatagram
	NATDetected    bool   `json:"nat_detected"`
	InitiatorNonce octets `json:"ni"`
}

type vectorDatagram struct {
	Index        int
	ExchangeType Exchange `json:"exchange_type"`
	Flags        Flags
	MessageID    string      `json:"message_id"`
	FirstPayload PayloadType `json:"first_payload"`
	Length       uint32
	Encrypted    bool
	Hex          octets
	IV           octets
	NextIV       octets `json:"next_iv"`
	Plaintext    octets
	PayloadBytes int `json:"payload_bytes"`
	Padding      octets
	Payloads     []vectorPayload
}

// vectorPayload has the fields of every kind of payload; Type tells which.
type vectorPayload struct {
	Type           PayloadType
	Offset, Length int
	Data           octets
	IDType         IDType     `json:"id_type"`
	IDProtocol     uint8      `json:"id_protocol"`
	IDPort         uint16     `json:"id_port"`
	IDData         octets     `json:"id_data"`
	CfgType        ConfigType `json:"cfg_type"`
	Identifier     uint16
	Attributes     []vectorAttribute
	NotifyType     NotifyType `json:"notify_type"`
	Protocol       Protocol
	SPI            octets
	Proposals      []vectorProposal
}

type vectorProposal struct {
	Number     uint8
	Protocol   Protocol
	SPI        octets
	Transforms []vectorTransform
}

type vectorTransform struct {
	Number     uint8
	ID         TransformID
	Attributes []vectorAttribute
}

type vectorAttribute struct {
	Type   AttributeType
	Format string
	Value  octets
}

// octets are written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

// payload is the Payload that the published list says was parsed.
func (p vectorPayload) payload() Payload {
	switch p.Type {
	case TypeSA:
		return SA{Proposals: proposals(p.Proposals)}
	case TypeKE:
		return KeyExchange(p.Data)
	case TypeNonce:
		return Nonce(p.Data)
	case TypeHash:
		return Hash(p.Data)
	case TypeVendorID:
		return VendorID(p.Data)
	case TypeNATD:
		return NATD{Hash: p.Data}
	case TypeID:
		return ID{IDType: p.IDType, Protocol: p.IDProtocol, Port: p.IDPort, Data: p.IDData}
	case TypeNotify:
		return Notify{DOI: 1, Protocol: p.Protocol, NotifyType: p.NotifyType, SPI: p.SPI, Data: p.Data}
	case TypeConfig:
		return Config{ConfigType: p.CfgType, Identifier: p.Identifier, Attributes: attributes(p.Attributes)}
	}
	return nil
}

func proposals(from []vectorProposal) (to []Proposal) {
	for _, p := range from {
		q := Proposal{Number: p.Number, Protocol: p.Protocol, SPI: p.SPI}
		for _, t := range p.Transforms {
			q.Transforms = append(q.Transforms, Transform{Number: t.Number, ID: t.ID, Attributes: attributes(t.Attributes)})
		}
		to = append(to, q)
	}
	return to
}

func attributes(from []vectorAttribute) (to []Attribute) {
	for _, a := range from {
		to = append(to, Attribute{Type: a.Type, Short: a.Format == "TV", Value: a.Value})
	}
	return to
}

// captures are the published exchanges by file name.
func captures(t testing.TB) map[string]capture {
	t.Helper()
	all := map[string]capture{}
	for _, file := range []string{"ikev1-aggressive-xauth-modecfg.json", "ikev1-main-quick.json"} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var c capture
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		all[file] = c
	}
	return all
}

// Every published datagram parses into the published payloads and is the same
// octets again when it is written.
func TestPublishedDatagrams(t *testing.T) {
	for file, c := range captures(t) {
		for _, d := range c.Datagrams {
			h, body, err := ParseHeader(d.Hex)
			if err != nil {
				t.Fatalf("%s %d: %v", file, d.Index, err)
			}
			checkHeader(t, d, h)
			chain := body
			if d.Encrypted {
				chain = d.Plaintext
			}
			payloads, padding, err := ParsePayloads(h.NextPayload, chain)
			if err != nil {
				t.Fatalf("%s %d: %v", file, d.Index, err)
			}
			checkPayloads(t, d, payloads)
			if !bytes.Equal(padding, d.Padding) || d.Encrypted && payloads.Len() != d.PayloadBytes {
				t.Errorf("%s %d: padding %x behind %d octets", file, d.Index, padding, payloads.Len())
			}
			if again := append(AppendPayloads(nil, contents(payloads)...), padding...); !bytes.Equal(again, chain) {
				t.Errorf("%s %d: encoded again\n%x\nwas\n%x", file, d.Index, again, chain)
			}
			if again := h.Append(nil, body); !bytes.Equal(again, d.Hex) {
				t.Errorf("%s %d: header encoded again %x", file, d.Index, again[:HeaderLen])
			}
		}
	}
}

func checkHeader(t *testing.T, d vectorDatagram, h Header) {
	t.Helper()
	want := Header{InitiatorCookie: h.InitiatorCookie, ResponderCookie: h.ResponderCookie, NextPayload: d.FirstPayload,
		Version: Version1, Exchange: d.ExchangeType, Flags: d.Flags, Length: d.Length,
		MessageID: binary.BigEndian.Uint32(d.messageID())}
	if h != want || h.Encrypted() != d.Encrypted {
		t.Errorf("%d: header %+v, want %+v", d.Index, h, want)
	}
}

func checkPayloads(t *testing.T, d vectorDatagram, got Payloads) {
	t.Helper()
	if len(got) != len(d.Payloads) {
		t.Fatalf("%d: %d payloads, want %d", d.Index, len(got), len(d.Payloads))
	}
	for i, want := range d.Payloads {
		e := got[i]
		if e.Type != want.Type || e.Offset != want.Offset || e.End()-e.Offset != want.Length {
			t.Errorf("%d: payload %d is %s at %d, %d octets; want %s at %d, %d octets", d.Index, i,
				e.Type, e.Offset, e.End()-e.Offset, want.Type, want.Offset, want.Length)
		}
		if !bytes.Equal(Body(e.Payload), Body(want.payload())) {
			t.Errorf("%d: payload %d is %s, want %s", d.Index, i, e.Payload.Summary(), want.payload().Summary())
		}
	}
}

// contents are the typed payloads of a chain.
func contents(p Payloads) (c []Payload) {
	for _, e := range p {
		c = append(c, e.Payload)
	}
	return c
}

// The encrypted datagrams decrypt to the published plaintext with the
// published key: the IV of Phase 1 is hash(g^xi | g^xr), every message ID has
// an IV of its own from the last block of Phase 1 (RFC 2409 appendix B), and
// inside a message ID each message's last block is the next one's IV.
func TestPublishedIVChain(t *testing.T) {
	for file, c := range captures(t) {
		block, err := aes.NewCipher(c.EncryptionKey)
		if err != nil {
			t.Fatal(err)
		}
		ivs := map[string][]byte{phase1: firstBlock(c.GXI, c.GXR)}
		if !bytes.Equal(ivs[phase1], c.Phase1FirstIV) {
			t.Errorf("%s: first IV %x", file, ivs[phase1])
		}
		for _, d := range c.Datagrams {
			if !d.Encrypted {
				continue
			}
			iv, open := ivs[d.MessageID]
			if !open {
				iv = firstBlock(ivs[phase1], d.messageID())
			}
			plain, next := decrypt(t, block, iv, d.Hex)
			ivs[d.MessageID] = next
			if !bytes.Equal(iv, d.IV) || !bytes.Equal(plain, d.Plaintext) || !bytes.Equal(next, d.NextIV) {
				t.Errorf("%s %d: iv %x, next %x, plaintext\n%x", file, d.Index, iv, next, plain)
			}
		}
		if !bytes.Equal(ivs[phase1], c.Phase1LastIV) {
			t.Errorf("%s: last IV of Phase 1 %x", file, ivs[phase1])
		}
	}
}

// phase1 is the message ID of Main and Aggressive Mode.
const phase1 = "00000000"

func (d vectorDatagram) messageID() []byte {
	id, _ := hex.DecodeString(d.MessageID)
	return id
}

// decrypt is the plaintext of a datagram and its last cipher block.
func decrypt(t *testing.T, block cipher.Block, iv, datagram []byte) (plain, last []byte) {
	t.Helper()
	_, body, err := ParseHeader(datagram)
	if err != nil {
		t.Fatal(err)
	}
	plain = make([]byte, len(body))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, body)
	return plain, body[len(body)-block.BlockSize():]
}

// firstBlock is the first cipher block of the hash of the parts.
func firstBlock(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:aes.BlockSize]
}
