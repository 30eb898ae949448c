package esp

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// turned is an IP packet on its way back, with a TCP header or an echo of these.
func turned(b []byte, edit func(payload []byte)) []byte {
	back := bytes.Clone(b)
	at, n, payload := 12, 4, int(b[0]&15)*4
	if b[0]>>4 == 6 {
		at, n, payload = 8, 16, ipv6HeaderLen
	}
	copy(back[at:], b[at+n:at+2*n])
	copy(back[at+n:], b[at:at+n])
	edit(back[payload:])
	return back
}

// accepts makes a SYN the SYN with the ACK that answers it.
func accepts(p []byte) {
	from, to := bytes.Clone(p[:2]), bytes.Clone(p[2:4])
	copy(p, to)
	copy(p[2:], from)
	binary.BigEndian.PutUint32(p[8:], binary.BigEndian.Uint32(p[4:])+1)
	binary.BigEndian.PutUint32(p[4:], 0xfffffff0)
	p[13] |= tcpACK
}

// echo4 and echo6 are packets with an echo request.
func echo4() []byte {
	b := ipv4(20 + 16)
	b[9] = protoICMP
	copy(b[20:], "\x08\x00\x00\x00\x12\x34\x00\x07")
	return b
}

func echo6() []byte {
	b := ipv6(40 + 16)
	b[6] = protoICMPv6
	copy(b[40:], "\x80\x00\x00\x00\x12\x34\x00\x07")
	return b
}

// withOptions is an IPv4 packet with options of four octets.
func withOptions(b []byte) []byte {
	b = slices.Insert(bytes.Clone(b), 20, 1, 1, 1, 0)
	b[0]++
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

func replies(kind byte) func([]byte) { return func(p []byte) { p[0] = kind } }

func edited(b []byte, at int, value byte) []byte {
	b = bytes.Clone(b)
	b[at] = value
	return b
}

// trippers are packets that begin a trip, and the answers that end it.
func trippers() map[string][2][]byte {
	fast := tcp4(tcpSYN|0xc0, "\x02\x04\x05\xb4", "data") // with ECN's flags, and TCP Fast Open
	last := edited(edited(edited(edited(tcp4(tcpSYN, "", ""), 24, 255), 25, 255), 26, 255), 27, 255)
	return map[string][2][]byte{
		"TCP":               {tcp4(tcpSYN, "", ""), turned(tcp4(tcpSYN, "", ""), accepts)},
		"TCP over IPv6":     {tcp6(tcpSYN, protoTCP, "", ""), turned(tcp6(tcpSYN, protoTCP, "", ""), accepts)},
		"TCP with all":      {fast, turned(fast, accepts)},
		"the last sequence": {last, turned(last, accepts)},
		"options of IPv4":   {withOptions(tcp4(tcpSYN, "", "")), turned(withOptions(tcp4(tcpSYN, "", "")), accepts)},
		"an echo":           {echo4(), turned(echo4(), replies(icmpEchoReply))},
		"an echo of IPv6":   {echo6(), turned(echo6(), replies(icmpv6EchoReply))},
	}
}

// A trip is ended by its answer, and by nothing else that passes.
func TestTrips(t *testing.T) {
	for name, p := range trippers() {
		there, ok := Departs(p[0])
		back, ended := Returns(p[1])
		if !ok || !ended || there != back {
			t.Errorf("%s: %+v %v, and back %+v %v", name, there, ok, back, ended)
		}
		if _, ok := Departs(p[1]); ok {
			t.Errorf("%s: its answer begins a trip", name)
		}
		if _, ok := Returns(p[0]); ok {
			t.Errorf("%s: it ends a trip", name)
		}
	}
}

// Answers to something else are other trips.
func TestOtherTrips(t *testing.T) {
	for name, p := range trippers() {
		there, _ := Departs(p[0])
		from, to := 12, len(p[1])
		if p[1][0]>>4 == 6 {
			from = 8
		}
		for at := from; at < to; at++ {
			changed := edited(p[1], at, p[1][at]+1)
			if back, ok := Returns(changed); ok && back == there && matters(p[1], at) {
				t.Errorf("%s: with octet %d changed it is still the answer", name, at)
			}
		}
	}
}

// matters says that an octet is an address, a port, what is acknowledged, or of
// an echo its number.
func matters(b []byte, at int) bool {
	addresses, payload, proto := 20, int(b[0]&15)*4, b[9]
	if b[0]>>4 == 6 {
		addresses, payload, proto = 40, 40, b[6]
	}
	p := at - payload
	return at < addresses || proto == protoTCP && (p >= 0 && p < 4 || p >= 8 && p < 12) || proto != protoTCP && p >= 4 && p < 8
}

// What is no such packet, or not whole, begins nothing and ends nothing.
func TestNoTrips(t *testing.T) {
	syn, hopByHop := tcp4(tcpSYN, "", ""), "\x06\x00\x01\x04\x00\x00\x00\x00"
	for name, b := range map[string][]byte{
		"nothing":                  nil,
		"UDP":                      ipv4(60),
		"UDP over IPv6":            ipv6(60),
		"data":                     tcp4(tcpACK, "", "data"),
		"SYN and FIN":              tcp4(tcpSYN|tcpFIN, "", ""),
		"SYN and RST":              tcp4(tcpSYN|tcpRST, "", ""),
		"SYN, ACK and RST":         tcp4(tcpSYN|tcpACK|tcpRST, "", ""),
		"the first fragment":       edited(syn, 6, 0x20),
		"another fragment":         edited(syn, 7, 3),
		"a header too short":       edited(syn, 0, 0x44),
		"options beyond the end":   edited(syn, 0, 0x4f),
		"options up to the end":    edited(syn, 0, 0x4a),
		"version 5":                edited(syn, 0, 0x55),
		"an extension header":      tcp6(tcpSYN, extHopByHop, hopByHop, ""),
		"a fragment of IPv6":       tcp6(tcpSYN, extFragment, "\x06\x00\x00\x01\x00\x00\x00\x01", ""),
		"ICMP unreachable":         edited(echo4(), 20, icmpUnreachable),
		"an echo with a code":      edited(echo4(), 21, 1),
		"an echo of the other one": edited(echo4(), 20, icmpv6Echo),
		"ICMPv6 in IPv4":           edited(edited(echo4(), 20, icmpv6Echo), 9, protoICMPv6)[:27],
	} {
		if trip, ok := Departs(b); ok {
			t.Errorf("%s begins %+v", name, trip)
		}
		if trip, ok := Returns(b); ok {
			t.Errorf("%s ends %+v", name, trip)
		}
	}
	for name, p := range trippers() {
		for i, b := range p {
			whole := map[bool]int{true: tcpHeaderLen, false: icmpHeaderLen}[b[9] == protoTCP || b[6] == protoTCP]
			whole += map[bool]int{true: ipv6HeaderLen, false: int(b[0]&15) * 4}[b[0]>>4 == 6]
			for n := range whole {
				_, begins := Departs(b[:n])
				_, ends := Returns(b[:n])
				if begins || ends {
					t.Errorf("%s: %d octets of packet %d are taken as one", name, n, i)
				}
			}
		}
	}
}

// FuzzTrips gives arbitrary octets to what reads trips. Nothing both begins and
// ends one, and an answer that is made of what begins one ends it.
func FuzzTrips(f *testing.F) {
	for _, p := range trippers() {
		f.Add(p[0])
		f.Add(p[1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		there, begins := Departs(b)
		_, ends := Returns(b)
		if begins && ends || !bytes.Equal(b, before) {
			t.Fatalf("%x begins and ends a trip, or is another now", b)
		}
		if !begins {
			return
		}
		answer := accepts
		switch there.proto {
		case protoICMP:
			answer = replies(icmpEchoReply)
		case protoICMPv6:
			answer = replies(icmpv6EchoReply)
		}
		if back, ok := Returns(turned(b, answer)); !ok || back != there {
			t.Fatalf("%x begins %+v, and its answer ends %+v %v", b, there, back, ok)
		}
	})
}
