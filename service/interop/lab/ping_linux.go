package lab

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
)

// lateReply is how long after the last echo request its reply may come.
const lateReply = 2 * time.Second

// Pinger sends an echo request every interval and notes which are answered.
type Pinger struct {
	conn   *icmp.PacketConn
	target netip.Addr
	id     int // any: the answers to other pingers come, too
	stop   chan struct{}
	sender sync.WaitGroup

	mu       sync.Mutex
	sent     []time.Time  // by sequence number
	answered map[int]bool // by sequence number
}

// StartPing begins to ping the target from the namespace.
func (n *Namespace) StartPing(target netip.Addr, interval time.Duration) (*Pinger, error) {
	p := &Pinger{target: target, id: rand.IntN(1 << 16), stop: make(chan struct{}), answered: map[int]bool{}}
	err := n.Do(func() (err error) {
		p.conn, err = icmp.ListenPacket("ip4:icmp", "0.0.0.0")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ping: %w", err)
	}
	p.sender.Add(1)
	go p.send(interval)
	go p.receive()
	return p, nil
}

// send sends until Stop.
func (p *Pinger) send(interval time.Duration) {
	defer p.sender.Done()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		p.sendOne()
		select {
		case <-tick.C:
		case <-p.stop:
			return
		}
	}
}

// sendOne sends one echo request. One that cannot be sent counts as lost.
func (p *Pinger) sendOne() {
	p.mu.Lock()
	sequence := len(p.sent)
	p.sent = append(p.sent, time.Now())
	p.mu.Unlock()
	body := &icmp.Echo{ID: p.id, Seq: sequence, Data: []byte("are you there?")}
	request, err := (&icmp.Message{Type: ipv4.ICMPTypeEcho, Body: body}).Marshal(nil)
	if err != nil {
		panic(err)
	}
	p.conn.WriteTo(request, &net.IPAddr{IP: p.target.AsSlice()})
}

// receive notes replies until the socket is closed.
func (p *Pinger) receive() {
	buf := make([]byte, 1500)
	for {
		n, from, err := p.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		message, err := icmp.ParseMessage(1, buf[:n])
		if err != nil || message.Type != ipv4.ICMPTypeEchoReply || from.String() != p.target.String() {
			continue
		}
		if echo, ok := message.Body.(*icmp.Echo); ok && echo.ID == p.id {
			p.mu.Lock()
			p.answered[echo.Seq] = true
			p.mu.Unlock()
		}
	}
}

// Stop ends the pinging, waits for late replies and returns how many requests
// were sent, and when those were sent that were not answered.
func (p *Pinger) Stop() (sent int, lost []time.Time) {
	close(p.stop)
	p.sender.Wait()
	time.Sleep(lateReply)
	p.conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for sequence, at := range p.sent {
		if !p.answered[sequence] {
			lost = append(lost, at)
		}
	}
	return len(p.sent), lost
}

// Ping returns nil as soon as the target answers, or an error when it has not
// within the limit.
func (n *Namespace) Ping(target netip.Addr, limit time.Duration) error {
	p, err := n.StartPing(target, 200*time.Millisecond)
	if err != nil {
		return err
	}
	defer p.conn.Close()
	defer close(p.stop)
	return WaitFor(limit, func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.answered) == 0 {
			return fmt.Errorf("no answer to ping from %s within %v", target, limit)
		}
		return nil
	})
}
