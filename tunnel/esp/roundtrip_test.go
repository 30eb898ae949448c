package esp

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"testing"
)

// suites are all that can be built, with ordinary ones first.
var suites = [][2]string{
	{"aes128gcm16", ""}, {"aes256gcm16", ""}, {"aes128gcm12", ""}, {"aes256gcm12", ""},
	{"aes128gcm8", ""}, {"aes256gcm8", ""}, {"chacha20poly1305", ""},
	{"aes128", "sha1"}, {"aes128", "sha256"}, {"aes192", "sha384"}, {"aes256", "sha512"},
	{"aes256", "sha256_96"}, {"3des", "sha1"}, {"3des", "md5"}, {"des", "md5"}, {"null", "sha256"},
}

// prefixes parses networks.
func prefixes(s ...string) []netip.Prefix {
	p := make([]netip.Prefix, len(s))
	for i := range s {
		p[i] = netip.MustParsePrefix(s[i])
	}
	return p
}

// config is an SA of lisa's tunnel, seen from her end.
func config(t testing.TB, enc, integ string) Config {
	t.Helper()
	encLen, integLen, err := KeyLengths(enc, integ)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		SPI: 0x6985177e, Encryption: enc, Integrity: integ,
		EncryptionKey: make([]byte, encLen), IntegrityKey: make([]byte, integLen),
		Local:  prefixes("192.168.10.201/32", "fd00::201/128"),
		Remote: prefixes("192.168.10.0/24", "fd00::/64"),
	}
	rand.Read(c.EncryptionKey)
	rand.Read(c.IntegrityKey)
	return c
}

// ends makes what seals at lisa's end and what opens at the gateway's.
func ends(t testing.TB, c Config) (*Outbound, *Inbound) {
	t.Helper()
	out, err := NewOutbound(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Local, c.Remote = c.Remote, c.Local
	in, err := NewInbound(c)
	if err != nil {
		t.Fatal(err)
	}
	return out, in
}

// ipv4 is a UDP packet of n octets from lisa to a host of the office.
func ipv4(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	b[0], b[1], b[8], b[9] = 0x45, 0, 64, 17
	binary.BigEndian.PutUint16(b[2:], uint16(n))
	binary.BigEndian.PutUint16(b[6:], 0)
	copy(b[12:], []byte{192, 168, 10, 201, 192, 168, 10, 2, 0, 0})
	binary.BigEndian.PutUint16(b[10:], 0)
	binary.BigEndian.PutUint16(b[10:], checksum(0, b[:20]))
	return b
}

// packet puts octets into a buffer with room on both sides.
func packet(b []byte) Packet {
	buf := make([]byte, Headroom+len(b)+Tailroom)
	return Packet{Buf: buf, Start: Headroom, End: Headroom + copy(buf[Headroom:], b)}
}

func TestRoundTrip(t *testing.T) {
	for _, s := range suites {
		t.Run(s[0]+"-"+s[1], func(t *testing.T) {
			out, in := ends(t, config(t, s[0], s[1]))
			for n := 20; n < 120; n++ {
				want := ipv4(n)
				batch := []Packet{packet(want)}
				out.Seal(batch)
				if d := batch[0].Drop; d != Kept {
					t.Fatalf("sealing %d octets: dropped as %s", n, d)
				}
				in.Open(batch)
				if d := batch[0].Drop; d != Kept {
					t.Fatalf("opening %d octets: dropped as %s", n, d)
				}
				if !bytes.Equal(batch[0].Data(), want) {
					t.Fatalf("%d octets came back as\n%x, not\n%x", n, batch[0].Data(), want)
				}
			}
		})
	}
}
