package esp

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// tcp4 is an IPv4 packet with a TCP header that has the given flags, options
// and payload; tcp6 the same for IPv6 behind extension headers.
func tcp4(flags byte, options, payload string) []byte {
	segment := tcpSegmentOf(flags, options, payload)
	b := append(ipv4(20), segment...)
	b[9] = protoTCP
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	sumIPv4(b)
	sumTCP(b, 20)
	return b
}

func tcp6(flags byte, first byte, extensions, options string) []byte {
	b := append(append(ipv6(40), extensions...), tcpSegmentOf(flags, options, "")...)
	b[6] = first
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)-40))
	sumTCP(b, 40+len(extensions))
	return b
}

func tcpSegmentOf(flags byte, options, payload string) []byte {
	b := append(make([]byte, 20), options...)
	copy(b, "\xc0\x00\x00\x50\x01\x02\x03\x04")
	b[12], b[13] = byte(len(b)/4)<<4, flags
	return append(b, payload...)
}

// tcpSum is the sum over a segment with its pseudo header: zero when right.
func tcpSum(b []byte, at int) uint16 {
	n := len(b) - at
	addrs := b[12:20]
	if b[0]>>4 == 6 {
		addrs = b[8:40]
	}
	return checksum(addWords(uint32(n)+protoTCP, addrs), b[at:])
}

func sumTCP(b []byte, at int) {
	binary.BigEndian.PutUint16(b[at+16:], 0)
	binary.BigEndian.PutUint16(b[at+16:], tcpSum(b, at))
}

// TestMSSIsClamped changes the option and the checksum and nothing else.
func TestMSSIsClamped(t *testing.T) {
	const mss1460 = "\x02\x04\x05\xb4"
	hopByHop := "\x06\x00\x01\x04\x00\x00\x00\x00"
	twoHeaders := "\x3c\x01" + string(make([]byte, 14)) + "\x06\x00\x01\x04\x00\x00\x00\x00"
	for name, p := range map[string]struct {
		b  []byte
		at int // of the segment
		to uint16
	}{
		"SYN":                    {tcp4(2, mss1460, ""), 20, 1360},
		"SYN and ACK":            {tcp4(0x12, mss1460, ""), 20, 1360},
		"SYN with data":          {tcp4(2, mss1460, "hello"), 20, 1360},
		"among others":           {tcp4(2, "\x04\x02\x08\x0a12345678"+mss1460+"\x01\x03\x03\x07", ""), 20, 1360},
		"at an odd place":        {tcp4(2, "\x01"+mss1460+"\x01\x01\x01", ""), 20, 1360},
		"IPv6":                   {tcp6(2, protoTCP, "", mss1460), 40, 1340},
		"IPv6, odd":              {tcp6(2, protoTCP, "", "\x01"+mss1460+"\x01\x01\x00"), 40, 1340},
		"IPv6, hop by hop":       {tcp6(2, extHopByHop, hopByHop, mss1460), 48, 1340},
		"IPv6, two headers":      {tcp6(2, extHopByHop, twoHeaders, mss1460), 64, 1340},
		"IPv6, atomic fragment":  {tcp6(2, extFragment, "\x06\x00\x00\x00\x00\x00\x00\x01", mss1460), 48, 1340},
		"the largest there is":   {tcp4(2, "\x02\x04\xff\xff", ""), 20, 1360},
		"lower already":          {tcp4(2, "\x02\x04\x05\x50", ""), 20, 1360},
		"much lower, left alone": {tcp4(2, "\x02\x04\x02\x18", ""), 20, 0},
	} {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone(p.b)
			h, ok := parseInner(p.b)
			if !ok {
				t.Fatal("no packet")
			}
			clampMSS(p.b, &h, 1400)
			at := p.at + findMSS(p.b[p.at:])
			if p.to != 0 && word(p.b[at:]) != p.to {
				t.Errorf("the MSS is %d", word(p.b[at:]))
			}
			if sum := tcpSum(p.b, p.at); sum != 0 {
				t.Errorf("the checksum is off by %#x", sum)
			}
			for _, changed := range []int{at, at + 1, p.at + 16, p.at + 17} {
				p.b[changed] = before[changed]
			}
			if !bytes.Equal(p.b, before) {
				t.Errorf("something else changed: %x, not %x", p.b, before)
			}
		})
	}
}

// TestMSSIsLeftAlone where there is none, or nothing that could be read as one.
func TestMSSIsLeftAlone(t *testing.T) {
	const mss1460 = "\x02\x04\x05\xb4"
	later := tcp4(2, mss1460, "")
	later[7] = 1
	udp := tcp4(2, mss1460, "")
	udp[9] = 17
	short := tcp4(2, mss1460, "")[:39]
	binary.BigEndian.PutUint16(short[2:], 39)
	offset := tcp4(2, mss1460, "")
	offset[32] = 0x10
	beyond := tcp4(2, "\x01\x01\x02\x04", "\x05\xb4")
	for name, b := range map[string][]byte{
		"no SYN":                     tcp4(0x10, mss1460, ""),
		"no option":                  tcp4(2, "\x01\x01\x04\x02", ""),
		"no options at all":          tcp4(2, "", mss1460),
		"behind the end of the list": tcp4(2, "\x00\x01\x01\x01"+mss1460, ""),
		"length zero":                tcp4(2, "\x08\x00\x01\x01"+mss1460, ""),
		"length one":                 tcp4(2, "\x08\x01\x01\x01"+mss1460, ""),
		"option beyond the header":   beyond,
		"MSS of three octets":        tcp4(2, "\x02\x03\x05\x01", ""),
		"later fragment":             later,
		"another protocol":           udp,
		"cut header":                 short,
		"header of four octets":      offset,
		"IPv6 later fragment":        tcp6(2, extFragment, "\x06\x00\x00\x08\x00\x00\x00\x01", mss1460),
		"IPv6 cut extension":         tcp6(2, extHopByHop, "", "")[:44],
		"IPv6 extension too long":    tcp6(2, extHopByHop, "\x06\xff\x00\x00\x00\x00\x00\x00", mss1460),
		"IPv6 endless extensions":    tcp6(2, extDestOption, string(bytes.Repeat([]byte("\x3c\x00\x01\x04\x00\x00\x00\x00"), 20)), mss1460),
	} {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone(b)
			h, _ := parseInner(b)
			if h.totalLen == 0 {
				h = inner{proto: protoIPv6, headerLen: ipv6HeaderLen}
			}
			if clampMSS(b, &h, 1400) || !bytes.Equal(b, before) {
				t.Errorf("became %x", b)
			}
		})
	}
	if h, _ := parseInner(later); clampMSS(tcp4(2, mss1460, ""), &h, 30) {
		t.Error("an MTU of 30 octets clamped")
	}
}

// TestBothDirectionsClamp: a SYN is clamped going out and coming in.
func TestBothDirectionsClamp(t *testing.T) {
	out, in := ends(t, config(t, "aes128gcm16", ""))
	const mss = 20 + 22
	out.SetMTU(1400)
	p := open(in, seal(t, out, tcp4(2, "\x02\x04\x05\xb4", "")))
	if got := word(p.Data()[mss:]); got != 1360 {
		t.Errorf("going out: %d", got)
	}
	out.SetMTU(0)
	in.SetMTU(1300)
	p = open(in, seal(t, out, tcp4(0x12, "\x02\x04\x05\xb4", "")))
	if got := word(p.Data()[mss:]); got != 1260 {
		t.Errorf("coming in: %d", got)
	}
}
