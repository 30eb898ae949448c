package lab

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTrafficIsSorted(t *testing.T) {
	ike := make([]byte, ikeHeaderSize)
	ike[17] = 0x10
	esp := []byte{0xb1, 0x2a, 0x53, 0x39, 0, 0, 0, 1, 9, 9}
	capture := pcapOf(
		inEthernet(etherARP, make([]byte, 28)),
		inUDP(ikePort, 40000, ike),
		inUDP(nattPort, 40000, append(make([]byte, 4), ike...)),
		inUDP(40000, nattPort, []byte{0xff}),
		inUDP(40000, nattPort, esp),
		inUDP(40000, nattPort, esp),
		inIPv4(protoESP, esp),
	)
	got, err := readTraffic(bytes.NewReader(capture))
	if err != nil {
		t.Fatal(err)
	}
	want := Traffic{IKE: 2, Keepalives: 1, UDPESP: map[uint32]int{0xb12a5339: 2}, RawESP: map[uint32]int{0xb12a5339: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNeitherIKENorESPIsNamed(t *testing.T) {
	for name, frame := range map[string][]byte{
		"TCP":                     inIPv4(6, make([]byte, 20)),
		"a DNS question":          inUDP(40000, 53, make([]byte, 40)),
		"text on the IKE port":    inUDP(40000, ikePort, bytes.Repeat([]byte("x"), 40)),
		"zeros on the NAT-T port": inUDP(40000, nattPort, make([]byte, 40)),
		"IPv6":                    inEthernet(0x86dd, make([]byte, 40)),
		"a cut header":            inEthernet(etherIPv4, make([]byte, 10)),
	} {
		got, err := readTraffic(bytes.NewReader(pcapOf(frame)))
		if err != nil || len(got.Other) != 1 {
			t.Errorf("%s: sorted as %+v (%v), want one other", name, got, err)
		}
	}
}

func TestForeignCaptureFormatIsRefused(t *testing.T) {
	if _, err := readTraffic(bytes.NewReader(make([]byte, 24))); err == nil {
		t.Error("24 zeros were read as a capture")
	}
}

// pcapOf is a capture file with these frames.
func pcapOf(frames ...[]byte) []byte {
	head := make([]byte, 24)
	binary.LittleEndian.PutUint32(head, 0xa1b2c3d4)
	binary.LittleEndian.PutUint32(head[20:], 1)
	for _, frame := range frames {
		record := make([]byte, 16)
		binary.LittleEndian.PutUint32(record[8:], uint32(len(frame)))
		head = append(append(head, record...), frame...)
	}
	return head
}

func inEthernet(kind uint16, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16(make([]byte, 12), kind), body...)
}

func inIPv4(proto byte, body []byte) []byte {
	head := make([]byte, 20)
	head[0], head[9] = 0x45, proto
	return inEthernet(etherIPv4, append(head, body...))
}

func inUDP(from, to uint16, body []byte) []byte {
	head := binary.BigEndian.AppendUint16(nil, from)
	head = binary.BigEndian.AppendUint16(head, to)
	head = binary.BigEndian.AppendUint16(head, uint16(8+len(body)))
	return inIPv4(protoUDP, append(append(head, 0, 0), body...))
}
