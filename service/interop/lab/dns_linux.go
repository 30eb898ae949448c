package lab

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Intranet is the one name that the LAN's name server knows; it is the
// TrustedHost. Search is its domain.
const (
	Intranet = "intranet." + Search
	Search   = "office.example"
)

// answerNames is a name server that knows Intranet and nothing else. It ends
// when the socket is closed.
func answerNames(conn net.PacketConn) {
	buf := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if answer, err := nameAnswer(buf[:n]); err == nil {
			conn.WriteTo(answer, from)
		}
	}
}

// nameAnswer is the answer to one question.
func nameAnswer(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil, errors.New("dns: not one question")
	}
	q := m.Questions[0]
	m.Response, m.Authoritative = true, true
	switch {
	case !strings.EqualFold(q.Name.String(), Intranet+"."):
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
			Body:   &dnsmessage.AResource{A: TrustedHost.As4()},
		}}
	}
	m.Additionals = nil
	return m.Pack()
}

// Lookup asks the first name server of the client's own resolv.conf for the
// address of a name as a program on that computer would: again when no answer
// comes, as the first packets over a fresh SA may be lost.
func (c *Client) Lookup(name string) (netip.Addr, error) {
	server, err := firstServer(c.ResolvConf())
	if err != nil {
		return netip.Addr{}, err
	}
	var conn net.Conn
	err = c.lab.Network.Client.Do(func() (err error) {
		conn, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(server, 53)))
		return err
	})
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	var address netip.Addr
	err = WaitFor(20*time.Second, func() (err error) {
		conn.SetDeadline(time.Now().Add(time.Second))
		address, err = ask(conn, name)
		return err
	})
	return address, err
}

// firstServer is the first name server of a resolv.conf.
func firstServer(resolvConf string) (netip.Addr, error) {
	lines := bufio.NewScanner(strings.NewReader(resolvConf))
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "nameserver "); ok {
			return netip.ParseAddr(strings.TrimSpace(address))
		}
	}
	return netip.Addr{}, fmt.Errorf("no name server in %q", resolvConf)
}

// ask asks for the IPv4 address of a name, once.
func ask(conn net.Conn, name string) (netip.Addr, error) {
	q := dnsmessage.Question{Name: dnsmessage.MustNewName(name + "."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}
	query, err := (&dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 1, RecursionDesired: true},
		Questions: []dnsmessage.Question{q},
	}).Pack()
	if err != nil {
		return netip.Addr{}, err
	}
	if _, err := conn.Write(query); err != nil {
		return netip.Addr{}, err
	}
	buf := make([]byte, 512)
	n, err := conn.Read(buf)
	if err != nil {
		return netip.Addr{}, err
	}
	var answer dnsmessage.Message
	if err := answer.Unpack(buf[:n]); err != nil {
		return netip.Addr{}, err
	}
	for _, record := range answer.Answers {
		if a, ok := record.Body.(*dnsmessage.AResource); ok {
			return netip.AddrFrom4(a.A), nil
		}
	}
	return netip.Addr{}, fmt.Errorf("dns: no address of %s: %v", name, answer.RCode)
}
