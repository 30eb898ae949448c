package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/vishvananda/netns"
)

// loadPort is where transfers arrive.
const loadPort = "5201"

// sample is one transfer.
type sample struct {
	octets        int64
	took          time.Duration
	user, gateway time.Duration // CPU
}

// Of a sample: megabits per second, and CPU seconds per gigabyte at each end.
func (s sample) rate() float64       { return float64(s.octets) * 8 / 1e6 / s.took.Seconds() }
func (s sample) userCPU() float64    { return s.user.Seconds() / float64(s.octets) * 1e9 }
func (s sample) gatewayCPU() float64 { return s.gateway.Seconds() / float64(s.octets) * 1e9 }

// direction is which way the octets go.
type direction string

const (
	upload   direction = "up"
	download direction = "down"
)

// table has the samples of each suite and direction.
type table map[string]map[direction][]sample

// measureThroughput gives each suite its turn, round after round.
func measureThroughput(ctx context.Context, l *lab, p *pair, o options) (table, error) {
	t := table{}
	for range o.rounds {
		for _, suite := range o.suites {
			if t[suite] == nil {
				t[suite] = map[direction][]sample{}
			}
			if err := p.turn(ctx, t[suite], suite, o.time); err != nil {
				return nil, fmt.Errorf("%s: %w%s", suite, err, l.lastWords())
			}
		}
	}
	return t, nil
}

// turn is one suite's turn: connect, both directions, disconnect.
func (p *pair) turn(ctx context.Context, into map[direction][]sample, suite string, d time.Duration) error {
	if err := p.up(suite); err != nil {
		return err
	}
	for _, way := range []direction{upload, download} {
		time.Sleep(settle)
		s, err := p.measure(ctx, suite, way, d)
		if err != nil {
			return fmt.Errorf("%s: %w", way, err)
		}
		into[way] = append(into[way], s)
	}
	return p.down(suite)
}

// measure is one transfer with the CPU time of both ends around it.
func (p *pair) measure(ctx context.Context, suite string, way direction, d time.Duration) (sample, error) {
	user, gateway, userAddr, gatewayAddr := p.ends(suite)
	from, to, at := p.lab.user, p.lab.gateway, gatewayAddr
	if way == download {
		from, to, at = p.lab.gateway, p.lab.user, userAddr
	}
	u0, err0 := user.cpu()
	g0, err1 := gateway.cpu()
	s, err2 := transfer(ctx, from, to, net.JoinHostPort(at, loadPort), d)
	u1, err3 := user.cpu()
	g1, err4 := gateway.cpu()
	s.user, s.gateway = u1-u0, g1-g0
	return s, errors.Join(err0, err1, err2, err3, err4)
}

// transfer sends over one TCP connection for a while.
func transfer(ctx context.Context, from, to netns.NsHandle, addr string, d time.Duration) (sample, error) {
	l, err := listenIn(to, addr)
	if err != nil {
		return sample{}, err
	}
	defer l.Close()
	received := make(chan int64, 1)
	go func() { received <- sink(l) }()
	c, err := dialIn(ctx, from, addr)
	if err != nil {
		return sample{}, err
	}
	defer c.Close()
	begin := time.Now()
	if err := source(ctx, c, begin.Add(d)); err != nil {
		return sample{}, err
	}
	n := <-received
	return sample{octets: n, took: time.Since(begin)}, nil
}

// source writes until the time has come, and ends the connection.
func source(ctx context.Context, c *net.TCPConn, until time.Time) error {
	b := make([]byte, 256<<10)
	for time.Now().Before(until) && ctx.Err() == nil {
		c.SetWriteDeadline(until.Add(10 * time.Second))
		if _, err := c.Write(b); err != nil {
			return err
		}
	}
	return errors.Join(ctx.Err(), c.CloseWrite())
}

// sink counts what arrives.
func sink(l net.Listener) int64 {
	c, err := l.Accept()
	if err != nil {
		return 0
	}
	defer c.Close()
	n, _ := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{c}, make([]byte, 256<<10))
	return n
}

func listenIn(ns netns.NsHandle, addr string) (l net.Listener, err error) {
	err = inside(ns, func() error { l, err = net.Listen("tcp4", addr); return err })
	return l, err
}

func dialIn(ctx context.Context, ns netns.NsHandle, addr string) (c *net.TCPConn, err error) {
	err = inside(ns, func() error {
		d := net.Dialer{Timeout: 10 * time.Second}
		conn, err := d.DialContext(ctx, "tcp4", addr)
		if err == nil {
			c = conn.(*net.TCPConn)
		}
		return err
	})
	return c, err
}

// median is the middle value of what f says of the samples.
func median(s []sample, f func(sample) float64) float64 {
	var v []float64
	for _, one := range s {
		v = append(v, f(one))
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// userCost is the CPU seconds per gigabyte of the user's end, of both directions
// together.
func (t table) userCost(suite string) float64 {
	return median(t[suite][upload], sample.userCPU) + median(t[suite][download], sample.userCPU)
}

func (t table) print(suites []string) {
	fmt.Println("Throughput over one TCP connection, and CPU seconds per gigabyte of each end")
	fmt.Printf("%-16s %28s   %28s   %s\n", "", "user -> office", "office -> user", "CPU of the user's end")
	fmt.Printf("%-16s %10s %8s %8s   %10s %8s %8s   %s\n", "suite", "Mbit/s", "user", "gateway", "Mbit/s", "user", "gateway", "beside wireguard-go")
	for _, s := range suites {
		u, d := t[s][upload], t[s][download]
		fmt.Printf("%-16s %10.0f %8.2f %8.2f   %10.0f %8.2f %8.2f   %.2f\n", s,
			median(u, sample.rate), median(u, sample.userCPU), median(u, sample.gatewayCPU),
			median(d, sample.rate), median(d, sample.userCPU), median(d, sample.gatewayCPU),
			t.userCost(s)/t.userCost(wireguard))
	}
	fmt.Println()
}
