package lab

import "testing"

func TestFullUDPBuffersAreRead(t *testing.T) {
	snmp := "Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors\nUdp: 9 8 7 6 5 4\n"
	if got := udpBuffersFull(snmp); got != "5" {
		t.Errorf("RcvbufErrors %q, want 5", got)
	}
	if got := udpBuffersFull("Ip: Forwarding\n"); got != "0" {
		t.Errorf("RcvbufErrors %q where there are none, want 0", got)
	}
}
