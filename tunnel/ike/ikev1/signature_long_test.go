package ikev1

import (
	"bytes"
	"slices"
	"testing"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/wire"
)

// TestQuirk34LongCertificatesInFragments: message 5 with three certificates
// goes out in fragments, and message 6 with three comes in so, in the format of
// Cisco's and strongSwan's: no message ID, numbers from 1, the encryption bit
// as anybody likes.
func TestQuirk34LongCertificatesInFragments(t *testing.T) {
	modes(t, func(t *testing.T, aggressive bool) {
		var in, out int
		b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) {
			c.Aggressive = aggressive
			lisa := f.signs.root.Authority(t, "CN=Sub").Authority(t, "CN=Sub of Sub").Issue(t, "CN=lisa")
			c.Own = ike.Credential{Chain: lisa.Chain, Key: lisa.Key}
			f.signs.own = f.signs.root.Authority(t, "CN=Above").Authority(t, "CN=Between").Issue(t, "CN=firebox", certtest.DNS("firebox.example.com"))
			f.vendors = append(f.vendors, wire.VendorFragmentation.Payload())
		})
		var collected []byte
		b.up = func(d ike.Datagram) []ike.Datagram {
			h, body, _ := wire.ParseHeader(d.Data)
			if h.NextPayload != wire.TypeFragment {
				if len(d.Data) > 1280-48 {
					t.Errorf("a datagram of %d octets", len(d.Data))
				}
				return []ike.Datagram{d}
			}
			out++
			if h.MessageID != 0 || h.Encrypted() || len(d.Data) > 1280-48 {
				t.Errorf("%+v, %d octets", h, len(d.Data))
			}
			// generic header: none, zero, length; ID; number; flags
			if body[0] != 0 || body[1] != 0 || int(body[2])<<8+int(body[3]) != len(body) || body[6] != byte(out) {
				t.Errorf("fragment %d: %x", out, body[:8])
			}
			if collected = append(collected, body[8:]...); body[7] == 0 {
				return nil
			}
			d.Data, collected = collected, nil
			return []ike.Datagram{d}
		}
		b.down = func(d ike.Datagram) []ike.Datagram {
			if len(d.Data) < 2000 {
				return []ike.Datagram{d}
			}
			parts := pieces(d, 500)
			in += len(parts)
			slices.Reverse(parts) // they come in any order
			return parts
		}
		b.start().wantUp()
		if out < 3 || in < 5 {
			t.Errorf("%d fragments sent, %d received\n%s", out, in, b.log())
		}
	})
}

// pieces cuts a datagram into fragments of n octets by hand, with the encryption
// bit set.
func pieces(d ike.Datagram, n int) (out []ike.Datagram) {
	head, rest := bytes.Clone(d.Data[:28]), d.Data
	head[16], head[19] = 132, 1
	copy(head[20:24], make([]byte, 4))
	for len(rest) > 0 {
		part := rest[:min(n, len(rest))]
		rest = rest[len(part):]
		length, last := len(part)+8, byte(0)
		if len(rest) == 0 {
			last = 1
		}
		f := d
		f.Data = slices.Concat(head[:24], []byte{0, 0, byte((28 + length) >> 8), byte(28 + length)},
			[]byte{0, 0, byte(length >> 8), byte(length), 0, 1, byte(len(out) + 1), last}, part)
		out = append(out, f)
	}
	return out
}

// TestDuplicateOfALongMessage: fragments that come again are answered by the
// same octets, once.
func TestDuplicateOfALongMessage(t *testing.T) {
	var sixth []ike.Datagram
	b := certBench(t, ike.MethodRSA, func(c *ike.Config, f *firebox) { c.Aggressive = false })
	b.down = func(d ike.Datagram) []ike.Datagram {
		if h, _, _ := wire.ParseHeader(d.Data); h.Exchange == wire.ExchangeMain && h.Encrypted() {
			sixth = pieces(d, 300)
			return sixth
		}
		return []ike.Datagram{d}
	}
	b.start().wantUp()
	sent := len(b.sent)
	for _, d := range sixth {
		b.s.HandleDatagram(b.now, d)
	}
	b.settle()
	if len(b.sent) != sent || len(all[ike.IKEUp](b)) != 1 {
		t.Error("message 6 is taken twice")
	}
}
