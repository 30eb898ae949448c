package lab

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Intranet is the one name that the LAN's name server knows; it is the
// TrustedHost. Search is its domain.
const (
	Intranet = "intranet." + Search
	Search   = "office.example"
)

// NameServer is a name server that knows the names that it was told, denies all
// others, and can be made to say nothing. It may be used by anybody.
type NameServer struct {
	sockets []net.PacketConn
	mu      sync.Mutex
	names   map[string]netip.Addr // in lower case, with the last dot
	mute    bool
}

// newNameServer makes a name server that knows one name, and listens nowhere.
func newNameServer(name string, address netip.Addr) *NameServer {
	return &NameServer{names: map[string]netip.Addr{name + ".": address}}
}

// StartNameServer starts a name server at an address of the namespace, which
// knows GatewayName. Close ends it.
func (n *Namespace) StartNameServer(at, gateway netip.Addr) (*NameServer, error) {
	s := newNameServer(GatewayName, gateway)
	return s, s.listen(n, at)
}

// listen begins to answer at an address.
func (s *NameServer) listen(ns *Namespace, at netip.Addr) error {
	socket, err := ns.ListenPacket("udp", netip.AddrPortFrom(at, 53).String())
	if err != nil {
		return err
	}
	s.sockets = append(s.sockets, socket)
	go s.answerNames(socket)
	return nil
}

// Close ends it.
func (s *NameServer) Close() {
	for _, socket := range s.sockets {
		socket.Close()
	}
}

// Tell gives a name another address; the zero one: there is no such name.
func (s *NameServer) Tell(name string, address netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name+"."] = address
}

// Mute has it answer nothing, or answer again.
func (s *NameServer) Mute(mute bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = mute
}

// answerNames answers until the socket is closed.
func (s *NameServer) answerNames(socket net.PacketConn) {
	buf := make([]byte, 512)
	for {
		n, from, err := socket.ReadFrom(buf)
		if err != nil {
			return
		}
		if answer, err := s.answer(buf[:n]); err == nil {
			socket.WriteTo(answer, from)
		}
	}
}

// answer is the answer to one question.
func (s *NameServer) answer(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil, errors.New("dns: not one question")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mute {
		return nil, errors.New("dns: mute")
	}
	q := m.Questions[0]
	address := s.names[strings.ToLower(q.Name.String())]
	m.Response, m.Authoritative = true, true
	switch {
	case !address.IsValid():
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
			Body:   &dnsmessage.AResource{A: address.As4()},
		}}
	}
	m.Additionals = nil
	return m.Pack()
}

// StartNameServer starts the name server that the client's computer asks while
// there is no tunnel, and which knows GatewayName.
func (l *Lab) StartNameServer() (*NameServer, error) {
	s := newNameServer(GatewayName, GatewayAddr)
	l.onClose(s.Close)
	gateway := l.Network.Gateway
	return s, inOrder([]func() error{
		func() error { return gateway.AddAddress(outerLink, nameServer) },
		func() error { return gateway.nft([]byte("insert rule inet guard input udp dport 53 accept\n")) },
		func() error { return s.listen(gateway, nameServer.Addr()) },
		func() error { return s.listen(l.Network.Client, stub) },
	})
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
	if _, err := conn.Write(question(name)); err != nil {
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
