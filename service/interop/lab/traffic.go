package lab

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
)

// Traffic is what crossed a link, sorted.
type Traffic struct {
	IKE        int            // messages on port 500, or behind a non-ESP marker
	Keepalives int            // RFC 3948 section 4
	UDPESP     map[uint32]int // packets by SPI, in UDP (RFC 3948)
	RawESP     map[uint32]int // packets by SPI, IP protocol 50
	Other      []string       // what is neither; ARP is not counted
}

// The numbers that the sorting needs.
const (
	etherIPv4, etherARP = 0x0800, 0x0806
	protoUDP, protoESP  = 17, 50
	ikePort, nattPort   = 500, 4500
	ikeHeaderSize       = 28
	otherLimit          = 20 // how many of the others are described
)

// readTraffic sorts the packets of a capture file.
func readTraffic(r io.Reader) (Traffic, error) {
	t := Traffic{UDPESP: map[uint32]int{}, RawESP: map[uint32]int{}}
	err := readPcap(r, func(frame []byte) error {
		t.add(frame)
		return nil
	})
	return t, err
}

// add sorts one Ethernet frame.
func (t *Traffic) add(frame []byte) {
	if len(frame) < 14 {
		t.other("a frame of %d octets", len(frame))
		return
	}
	switch kind := binary.BigEndian.Uint16(frame[12:]); kind {
	case etherARP:
	case etherIPv4:
		t.addIPv4(frame[14:])
	default:
		t.other("Ethernet type %#04x", kind)
	}
}

// addIPv4 sorts one IPv4 packet. Later fragments of a packet count as the
// protocol says, without an SPI.
func (t *Traffic) addIPv4(packet []byte) {
	if len(packet) < 20 || len(packet) < int(packet[0]&15)*4 {
		t.other("a cut IPv4 header")
		return
	}
	body := packet[int(packet[0]&15)*4:]
	later := binary.BigEndian.Uint16(packet[6:])&0x1fff != 0
	switch proto := packet[9]; {
	case proto == protoUDP && later:
	case proto == protoUDP && len(body) >= 8:
		t.addUDP(describe(packet), body)
	case proto == protoESP && len(body) >= 8:
		t.RawESP[binary.BigEndian.Uint32(body)]++
	default:
		t.other("%s", describe(packet))
	}
}

// addUDP sorts one UDP datagram: port 500 is IKE; port 4500 is a keepalive,
// IKE behind four zero octets, or ESP.
func (t *Traffic) addUDP(what string, udp []byte) {
	from, to := binary.BigEndian.Uint16(udp), binary.BigEndian.Uint16(udp[2:])
	length, data := int(binary.BigEndian.Uint16(udp[4:]))-8, udp[8:]
	natt := from == nattPort || to == nattPort
	switch {
	case (from == ikePort || to == ikePort) && isIKE(data):
		t.IKE++
	case natt && length == 1 && len(data) > 0 && data[0] == 0xff:
		t.Keepalives++
	case natt && len(data) >= 4 && binary.BigEndian.Uint32(data) == 0 && isIKE(data[4:]):
		t.IKE++
	case natt && len(data) >= 8 && binary.BigEndian.Uint32(data) != 0:
		t.UDPESP[binary.BigEndian.Uint32(data)]++
	default:
		t.other("%s ports %d-%d, %d octets", what, from, to, length)
	}
}

// isIKE says whether data begins with an ISAKMP header of version 1 or 2.
func isIKE(data []byte) bool {
	return len(data) >= ikeHeaderSize && (data[17]>>4 == 1 || data[17]>>4 == 2)
}

// describe names an IPv4 packet by addresses and protocol.
func describe(packet []byte) string {
	from, _ := netip.AddrFromSlice(packet[12:16])
	to, _ := netip.AddrFromSlice(packet[16:20])
	return fmt.Sprintf("%s-%s protocol %d", from, to, packet[9])
}

// other notes a packet that should not be there.
func (t *Traffic) other(format string, args ...any) {
	if len(t.Other) < otherLimit {
		t.Other = append(t.Other, fmt.Sprintf(format, args...))
	}
}
