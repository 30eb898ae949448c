package lab

import (
	"fmt"
	"os"
	"strings"
)

// Drops says what the kernel has dropped in each namespace because a queue was
// full: what a slow machine loses, and not the client.
func (l *Lab) Drops() string {
	var all []string
	for _, n := range []*Namespace{l.Network.Client, l.Network.NAT, l.Network.Gateway, l.Network.LAN} {
		if n == nil {
			continue
		}
		if drops, err := n.drops(); err != nil {
			all = append(all, fmt.Sprintf("%s: %v", n.Name, err))
		} else if drops != "" {
			all = append(all, n.Name+": "+drops)
		}
	}
	if all == nil {
		return "the kernel has dropped nothing"
	}
	return "the kernel has dropped " + strings.Join(all, "; ")
}

// drops are the counters of a namespace that are not zero.
func (n *Namespace) drops() (string, error) {
	links, err := n.links.LinkList()
	if err != nil {
		return "", err
	}
	var found []string
	for _, link := range links {
		a := link.Attrs()
		if s := a.Statistics; s != nil && s.RxDropped+s.TxDropped > 0 {
			found = append(found, fmt.Sprintf("%s %d in %d out", a.Name, s.RxDropped, s.TxDropped))
		}
	}
	var snmp []byte
	err = n.Do(func() (err error) {
		snmp, err = os.ReadFile("/proc/thread-self/net/snmp")
		return err
	})
	if full := udpBuffersFull(string(snmp)); full != "0" {
		found = append(found, full+" UDP receive buffers full")
	}
	return strings.Join(found, ", "), err
}

// udpBuffersFull is the counter RcvbufErrors of UDP in /proc/net/snmp, which
// has a line of names before each line of numbers.
func udpBuffersFull(snmp string) string {
	var names []string
	for line := range strings.Lines(snmp) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "Udp:" {
			continue
		}
		for i, name := range names {
			if name == "RcvbufErrors" && i < len(fields) {
				return fields[i]
			}
		}
		names = fields
	}
	return "0"
}
