package esp

import "testing"

// TestECNComesIn is the table of RFC 6040 section 4.2: rows are the inner
// codepoint, columns the outer one.
func TestECNComesIn(t *testing.T) {
	const drop = 9
	table := map[uint8]map[uint8]uint8{
		notECT: {notECT: notECT, ect0: notECT, ect1: notECT, ecnCE: drop},
		ect0:   {notECT: ect0, ect0: ect0, ect1: ect1, ecnCE: ecnCE},
		ect1:   {notECT: ect1, ect0: ect1, ect1: ect1, ecnCE: ecnCE},
		ecnCE:  {notECT: ecnCE, ect0: ecnCE, ect1: ecnCE, ecnCE: ecnCE},
	}
	out, in := ends(t, config(t, "aes128gcm16", ""))
	for inner, row := range table {
		for outer, want := range row {
			for _, b := range [][]byte{withECN(ipv4(60), inner), withECN(ipv6(60), inner)} {
				p := seal(t, out, b)
				p.ECN = outer
				p = open(in, p)
				if want == drop {
					wantDrop(t, p, DropECN)
					continue
				}
				wantDrop(t, p, Kept)
				proto := map[byte]byte{4: protoIPv4, 6: protoIPv6}[b[0]>>4]
				if got := innerECN(p.Data(), proto); got != want {
					t.Errorf("inner %d, outer %d: %d, not %d", inner, outer, got, want)
				}
				if b := p.Data(); proto == protoIPv4 && checksum(0, b[:20]) != 0 {
					t.Errorf("inner %d, outer %d: the checksum is wrong", inner, outer)
				}
			}
		}
	}
}

// TestECNGoesOut: nothing by default, the inner codepoint in normal mode.
func TestECNGoesOut(t *testing.T) {
	c := config(t, "aes128gcm16", "")
	for _, mode := range []ECNMode{ECNCompatible, ECNNormal} {
		c.ECN = mode
		out, _ := ends(t, c)
		for ecn := range uint8(4) {
			for _, b := range [][]byte{withECN(ipv4(60), ecn), withECN(ipv6(60), ecn)} {
				want := ecn
				if mode == ECNCompatible {
					want = notECT
				}
				if p := seal(t, out, b); p.ECN != want {
					t.Errorf("mode %d, inner %d: outer %d", mode, ecn, p.ECN)
				}
			}
		}
	}
}

// withECN marks a packet, and leaves DSCP and flow label as they were.
func withECN(b []byte, ecn uint8) []byte {
	if b[0]>>4 == 6 {
		b[0], b[1] = 0x6b, 0x8f|ecn<<4
		return b
	}
	b[1] = 0xb8 | ecn
	sumIPv4(b)
	return b
}
