package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"muvpn/client"
)

// look is what muvpnd holds now.
func (p *pair) look() (rest, error) {
	said := p.trace.now()
	r := rest{heap: said.live, goroutines: said.goroutines}
	proc := fmt.Sprintf("/proc/%d/", p.muvpnd.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		return r, fmt.Errorf("muvpnd has ended: %w\n%s", err, p.trace.said())
	}
	if _, after, ok := strings.Cut(string(status), "VmRSS:"); ok {
		fmt.Sscan(after, &r.resident)
		r.resident <<= 10
	}
	if _, after, ok := strings.Cut(string(status), "Threads:"); ok {
		fmt.Sscan(after, &r.threads)
	}
	descriptors, err := os.ReadDir(proc + "fd")
	if os.Geteuid() != 0 && errors.Is(err, os.ErrPermission) { // a program that dumps no core shows them to root alone
		err = nil
	}
	r.descriptors = len(descriptors)
	return r, err
}

// How muvpnd comes to rest: so long at most, with so many garbage collections
// after the goodbye, and so many seconds in which nothing has changed.
const (
	restWithin  = time.Minute
	collections = 2
	steady      = 3
)

// settle disconnects, has the garbage collected, which takes garbage, and waits
// until muvpnd is at rest.
func (p *pair) settle(ctx context.Context) (rest, error) {
	ctx, cancel := context.WithTimeout(ctx, restWithin)
	defer cancel()
	if err := p.down(ctx); err != nil {
		return rest{}, err
	}
	if err := p.collect(ctx); err != nil {
		return rest{}, err
	}
	return p.steady(ctx)
}

func (p *pair) down(ctx context.Context) error {
	c, err := client.Dial(ctx, p.socket())
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Down(ctx); err != nil {
		return err
	}
	for s, err := range c.Watch(ctx) {
		if err != nil {
			return err
		}
		if s.State == client.Disconnected {
			return nil
		}
	}
	return errors.New("muvpnd does not say that it has disconnected")
}

// collect asks for the status until the garbage has been collected.
func (p *pair) collect(ctx context.Context) error {
	c, err := client.Dial(ctx, p.socket())
	if err != nil {
		return err
	}
	defer c.Close()
	for before := p.trace.now().collections; p.trace.now().collections < before+collections; {
		if _, err := c.Status(ctx); err != nil {
			return err
		}
	}
	return nil
}

// steady waits until the goroutines and descriptors have not changed for a
// while: in a window of time that the end has, too, their fewest.
func (p *pair) steady(ctx context.Context) (rest, error) {
	var last rest
	for same := 0; same < steady; {
		seconds := p.trace.now().seconds
		for p.trace.now().seconds == seconds {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
				return last, errors.New("muvpnd does not come to rest")
			}
		}
		now, err := p.look()
		if err != nil {
			return now, err
		}
		if same++; now.goroutines != last.goroutines || now.descriptors != last.descriptors {
			same = 0
		}
		last = now
	}
	return last, nil
}
