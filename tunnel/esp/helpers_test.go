package esp

import (
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"testing"
)

// suites are all that can be built.
var suites = [][2]string{
	{"aes128gcm16", ""}, {"aes256gcm16", ""}, {"aes128gcm12", ""}, {"aes256gcm12", ""},
	{"aes128gcm8", ""}, {"aes256gcm8", ""}, {"chacha20poly1305", ""},
	{"aes128", "sha1"}, {"aes128", "sha256"}, {"aes192", "sha384"}, {"aes256", "sha512"},
	{"aes256", "sha256_96"}, {"3des", "sha1"}, {"3des", "md5"}, {"des", "md5"}, {"null", "sha256"},
}

// forEachSuite runs a test once for every suite.
func forEachSuite(t *testing.T, f func(t *testing.T, c Config)) {
	for _, s := range suites {
		t.Run(s[0]+"-"+s[1], func(t *testing.T) { f(t, config(t, s[0], s[1])) })
	}
}

// prefixes parses networks.
func prefixes(s ...string) []netip.Prefix {
	p := make([]netip.Prefix, len(s))
	for i := range s {
		p[i] = netip.MustParsePrefix(s[i])
	}
	return p
}

// config is an SA of lisa's tunnel, seen from her end, with random keys.
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

// mirror is the same SA seen from the other end.
func mirror(c Config) Config {
	c.Local, c.Remote = c.Remote, c.Local
	return c
}

// ends makes what seals at lisa's end and what opens at the gateway's.
func ends(t testing.TB, c Config) (*Outbound, *Inbound) {
	t.Helper()
	out, err := NewOutbound(c)
	if err != nil {
		t.Fatal(err)
	}
	in, err := NewInbound(mirror(c))
	if err != nil {
		t.Fatal(err)
	}
	return out, in
}

// packet puts octets into a buffer with room on both sides.
func packet(b []byte) Packet {
	buf := make([]byte, Headroom+len(b)+Tailroom)
	return Packet{Buf: buf, Start: Headroom, End: Headroom + copy(buf[Headroom:], b)}
}

// seal seals one inner packet and expects that it works.
func seal(t testing.TB, out *Outbound, b []byte) Packet {
	t.Helper()
	batch := []Packet{packet(b)}
	if out.Seal(batch); batch[0].Drop != Kept {
		t.Fatalf("Seal dropped %x as %s", b, batch[0].Drop)
	}
	return batch[0]
}

// sealPayload is a peer that seals whatever it likes: a payload with padding
// and trailer, under the next sequence number.
func sealPayload(out *Outbound, payload []byte) Packet {
	ivLen, icvLen := out.suite.enc.ivLen, out.suite.icvLen
	buf := make([]byte, headerLen+ivLen+len(payload)+icvLen)
	p := Packet{Buf: buf, End: len(buf), seq: out.seq.Add(1)}
	binary.BigEndian.PutUint32(buf, out.spi)
	binary.BigEndian.PutUint32(buf[4:], uint32(p.seq))
	out.putIV(buf[headerLen:headerLen+ivLen], p.seq)
	copy(buf[headerLen+ivLen:], payload)
	batch := []Packet{p}
	out.protect.seal(batch)
	return batch[0]
}

// pad puts padding and trailer behind a payload.
func pad(out *Outbound, b []byte, next byte) []byte {
	n := padLen(len(b), out.suite.align)
	padded := append(append([]byte(nil), b...), make([]byte, n+trailerLen)...)
	putTrailer(padded[len(b):], n, next)
	return padded
}

// copyOf is a packet with octets of its own.
func copyOf(p Packet) Packet {
	p.Buf = append([]byte(nil), p.Buf...)
	return p
}

// open opens one packet.
func open(in *Inbound, p Packet) Packet {
	batch := []Packet{p}
	in.Open(batch)
	return batch[0]
}

// wantDrop checks why a packet was dropped.
func wantDrop(t testing.TB, p Packet, want Drop) {
	t.Helper()
	if p.Drop != want {
		t.Errorf("dropped as %s, not as %s", p.Drop, want)
	}
}

// ipv4 is a UDP packet of n octets from lisa to a host of the office.
func ipv4(n int) []byte { return ipv4From("192.168.10.201", "192.168.10.2", n) }

// ipv4From is a UDP packet of n octets.
func ipv4From(src, dst string, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	b[0], b[1], b[6], b[7], b[8], b[9] = 0x45, 0, 0, 0, 64, 17
	binary.BigEndian.PutUint16(b[2:], uint16(n))
	copy(b[12:], netip.MustParseAddr(src).AsSlice())
	copy(b[16:], netip.MustParseAddr(dst).AsSlice())
	sumIPv4(b)
	return b
}

// sumIPv4 writes the header checksum of an IPv4 packet.
func sumIPv4(b []byte) {
	binary.BigEndian.PutUint16(b[10:], 0)
	binary.BigEndian.PutUint16(b[10:], checksum(0, b[:b[0]&15*4]))
}

// ipv6 is a UDP packet of n octets from lisa to a host of the office.
func ipv6(n int) []byte { return ipv6From("fd00::201", "fd00::2", n) }

// ipv6From is a UDP packet of n octets.
func ipv6From(src, dst string, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	b[0], b[1], b[6], b[7] = 0x60, 0, 17, 64
	binary.BigEndian.PutUint16(b[4:], uint16(n-ipv6HeaderLen))
	copy(b[8:], netip.MustParseAddr(src).AsSlice())
	copy(b[24:], netip.MustParseAddr(dst).AsSlice())
	return b
}
