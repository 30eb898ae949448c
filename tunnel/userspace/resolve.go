package userspace

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"

	"muvpn/tunnel"
)

// The DNS client's patience: how long one question waits for its answer, and
// how often it is asked.
const (
	dnsWait  = 3 * time.Second
	dnsTries = 2
	dnsPort  = 53
)

var errNoName = errors.New("no such name")

// resolve turns host, an address or a name, into addresses. Names are asked of
// the tunnel's DNS only: neither the computer's resolver nor its hosts file
// is ever consulted.
func (s *Stack) resolve(ctx context.Context, n *tunnel.NetConfig, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	if len(n.DNS) == 0 {
		return nil, fmt.Errorf("%s: the tunnel has no DNS server", host)
	}
	err := errNoName
	for _, name := range candidates(host, n.Search) {
		var addrs []netip.Addr
		if addrs, err = s.lookup(ctx, n, name); err == nil {
			return addrs, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", host, err)
}

// candidates are the full names that host may mean: a name without a dot is
// tried in the search domains first.
func candidates(host string, search []string) []string {
	full := strings.TrimSuffix(host, ".") + "."
	if strings.Contains(host, ".") {
		return []string{full}
	}
	var names []string
	for _, domain := range search {
		names = append(names, full+strings.Trim(domain, ".")+".")
	}
	return append(names, full)
}

// lookup asks each server in turn for the addresses of name.
func (s *Stack) lookup(ctx context.Context, n *tunnel.NetConfig, name string) ([]netip.Addr, error) {
	q, err := question(name, n.VirtualIP)
	if err != nil {
		return nil, err
	}
	for range dnsTries {
		for _, server := range n.DNS {
			var addrs []netip.Addr
			addrs, err = s.ask(ctx, netip.AddrPortFrom(server, dnsPort), q)
			if err == nil || errors.Is(err, errNoName) || ctx.Err() != nil {
				return addrs, err
			}
		}
	}
	return nil, err
}

// question asks for addresses of the virtual IP's family.
func question(name string, local netip.Addr) (dnsmessage.Question, error) {
	n, err := dnsmessage.NewName(name)
	q := dnsmessage.Question{Name: n, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}
	if local.Is6() {
		q.Type = dnsmessage.TypeAAAA
	}
	return q, err
}

// ask puts one question to one server: by UDP, and again by TCP when the answer
// was too long (RFC 1035 section 4.2).
func (s *Stack) ask(ctx context.Context, server netip.AddrPort, q dnsmessage.Question) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, dnsWait)
	defer cancel()
	query, err := pack(q)
	if err != nil {
		return nil, err
	}
	answer, err := s.askUDP(ctx, server, query)
	if err == nil && answer.Truncated {
		answer, err = s.askTCP(ctx, server, query)
	}
	if err != nil {
		return nil, fmt.Errorf("DNS %s: %w", server.Addr(), err)
	}
	return addresses(answer)
}

func pack(q dnsmessage.Question) ([]byte, error) {
	var id [2]byte
	rand.Read(id[:])
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: binary.BigEndian.Uint16(id[:]), RecursionDesired: true},
		Questions: []dnsmessage.Question{q},
	}
	return m.Pack()
}

func (s *Stack) askUDP(ctx context.Context, server netip.AddrPort, query []byte) (*dnsmessage.Message, error) {
	to := full(server)
	c, err := gonet.DialUDP(s.stack, nil, &to, protocolOf(server.Addr()))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	setDeadline(ctx, c)
	if _, err := c.Write(query); err != nil {
		return nil, err
	}
	b := make([]byte, 64<<10)
	for {
		n, err := c.Read(b)
		if err != nil {
			return nil, err
		}
		if m := answerTo(query, b[:n]); m != nil {
			return m, nil
		}
	}
}

func (s *Stack) askTCP(ctx context.Context, server netip.AddrPort, query []byte) (*dnsmessage.Message, error) {
	c, err := gonet.DialContextTCP(ctx, s.stack, full(server), protocolOf(server.Addr()))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	setDeadline(ctx, c)
	if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(query))), query...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, b); err != nil {
		return nil, err
	}
	if m := answerTo(query, b); m != nil {
		return m, nil
	}
	return nil, errors.New("an answer to another question")
}

func setDeadline(ctx context.Context, c net.Conn) {
	if t, ok := ctx.Deadline(); ok {
		c.SetDeadline(t)
	}
}

// answerTo is b parsed, when it answers query; else nil.
func answerTo(query, b []byte) *dnsmessage.Message {
	var q, m dnsmessage.Message
	if q.Unpack(query) != nil || m.Unpack(b) != nil {
		return nil
	}
	if !m.Response || m.ID != q.ID || len(m.Questions) != 1 || !sameQuestion(m.Questions[0], q.Questions[0]) {
		return nil
	}
	return &m
}

func sameQuestion(a, b dnsmessage.Question) bool {
	return a.Type == b.Type && a.Class == b.Class && strings.EqualFold(a.Name.String(), b.Name.String())
}

// addresses are those that an answer holds, after CNAMEs too.
func addresses(m *dnsmessage.Message) ([]netip.Addr, error) {
	switch m.RCode {
	case dnsmessage.RCodeSuccess:
	case dnsmessage.RCodeNameError:
		return nil, errNoName
	default:
		return nil, fmt.Errorf("answered %s", m.RCode)
	}
	var addrs []netip.Addr
	for _, r := range m.Answers {
		switch b := r.Body.(type) {
		case *dnsmessage.AResource:
			addrs = append(addrs, netip.AddrFrom4(b.A))
		case *dnsmessage.AAAAResource:
			addrs = append(addrs, netip.AddrFrom16(b.AAAA))
		}
	}
	if len(addrs) == 0 {
		return nil, errNoName
	}
	return addrs, nil
}
