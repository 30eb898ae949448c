package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"muvpn/client"
)

// done is how much of everything was done.
type done struct {
	downloads, uploads, octets, broken  atomic.Int64 // broken: transfers that a reconnect has ended
	rekeys, reconnects, watches, polled atomic.Int64
}

// load is everything that muvpnd is loaded with at the same time.
type load struct {
	*pair
	done  *done
	fault atomic.Pointer[error] // what must not happen

	losses, transfers, others group
}

// group is workers that end together: they do their work over and over, and
// when there has been enough they do not begin again.
type group struct {
	sync.WaitGroup
	enough atomic.Bool
	ctx    context.Context // of their work
	cancel context.CancelFunc
}

// start begins the load.
func (p *pair) start(ctx context.Context, d *done) *load {
	l := &load{pair: p, done: d}
	for _, g := range []*group{&l.losses, &l.transfers, &l.others} {
		g.ctx, g.cancel = context.WithCancel(ctx)
	}
	for _, kind := range []struct {
		*group
		many int
		work func(context.Context) error
	}{
		{&l.losses, 1, l.reconnect},
		{&l.transfers, 2, l.download}, {&l.transfers, 2, l.upload},
		{&l.others, 20, l.watch}, {&l.others, 2, l.poll}, {&l.others, 1, l.follow},
	} {
		for range kind.many {
			kind.Go(func() { l.again(kind.group, kind.work) })
		}
	}
	return l
}

// again does a piece of work over and over.
func (l *load) again(g *group, work func(context.Context) error) {
	for !g.enough.Load() && g.ctx.Err() == nil {
		if err := work(g.ctx); err != nil && g.ctx.Err() == nil {
			err = fmt.Errorf("under load: %w", err)
			l.fault.CompareAndSwap(nil, &err)
			return
		}
	}
}

// end ends the load, and is what must not have happened. The connection stays
// up until the transfers are over, and those inside that are still closing:
// what is broken off keeps its buffers for minutes, as in any computer.
func (l *load) end(ctx context.Context) error {
	l.losses.end()
	err := l.up(ctx)
	l.transfers.enough.Store(true)
	l.transfers.Wait()
	pause(ctx, 5*time.Second)
	l.transfers.end()
	l.others.end()
	if fault := l.fault.Load(); fault != nil {
		return *fault
	}
	return err
}

// end breaks off what a group does, and waits for it.
func (g *group) end() {
	g.cancel()
	g.Wait()
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// through is an HTTP client that goes through the tunnel; nil when there is none.
func (l *load) through(ctx context.Context) (*http.Client, error) {
	c, err := client.Dial(ctx, l.socket())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	s, err := c.Status(ctx)
	if err != nil || s.State != client.Connected {
		pause(ctx, 100*time.Millisecond)
		return nil, err
	}
	at, err := url.Parse(s.Proxy.SOCKS5)
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(at), DisableKeepAlives: true}}, nil
}

const office = "http://192.168.10.2/"

// download fetches the office's file; what comes whole must be right.
func (l *load) download(ctx context.Context) error {
	web, err := l.through(ctx)
	if web == nil {
		return err
	}
	want, err := fetch(ctx, web, http.MethodGet, "random.bin.sha256", nil)
	if err != nil {
		return l.broke(ctx)
	}
	file, err := fetch(ctx, web, http.MethodGet, "random.bin", nil)
	if err != nil {
		return l.broke(ctx)
	}
	again, err := fetch(ctx, web, http.MethodGet, "random.bin.sha256", nil)
	if err != nil || !bytes.Equal(want, again) { // another gateway has another file
		return l.broke(ctx)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(file)); !bytes.HasPrefix(want, []byte(sum)) {
		return errors.New("a download came through changed")
	}
	l.done.downloads.Add(1)
	l.done.octets.Add(int64(len(file)))
	return nil
}

// upload sends octets to the office, which says what it has received.
func (l *load) upload(ctx context.Context) error {
	web, err := l.through(ctx)
	if web == nil {
		return err
	}
	data := bytes.Repeat([]byte{byte(rand.Uint32())}, 4<<20)
	got, err := fetch(ctx, web, http.MethodPost, "sum", data)
	if err != nil {
		return l.broke(ctx)
	}
	if want := fmt.Sprintf("%x\n", sha256.Sum256(data)); string(got) != want {
		return errors.New("an upload came through changed")
	}
	l.done.uploads.Add(1)
	l.done.octets.Add(int64(len(data)))
	return nil
}

// broke counts a transfer that did not come to its end, as the connection is
// taken down again and again.
func (l *load) broke(ctx context.Context) error {
	l.done.broken.Add(1)
	pause(ctx, 100*time.Millisecond)
	return nil
}

// fetch is one HTTP request.
func fetch(ctx context.Context, web *http.Client, method, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, office+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := web.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New(answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// watch watches for a moment, and goes without a word.
func (l *load) watch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(2000))*time.Millisecond)
	defer cancel()
	c, err := client.Dial(ctx, l.socket())
	if err != nil {
		return unlessOver(ctx, err)
	}
	defer c.Close()
	l.done.watches.Add(1)
	for _, err := range c.Watch(ctx) {
		if err != nil {
			return unlessOver(ctx, err)
		}
	}
	return nil
}

// unlessOver is err, unless it only says that the time is over.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// follow follows the log for a moment.
func (l *load) follow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(3000))*time.Millisecond)
	defer cancel()
	c, err := client.Dial(ctx, l.socket())
	if err != nil {
		return unlessOver(ctx, err)
	}
	defer c.Close()
	log, err := c.Log(ctx, client.LogOptions{Lines: 100, Follow: true, JSON: true})
	if err != nil {
		return unlessOver(ctx, err)
	}
	defer log.Close()
	_, err = io.Copy(io.Discard, log)
	return unlessOver(ctx, err)
}

// poll asks for the status 50 times a second for a while, and counts the SA
// pairs that it shows.
func (l *load) poll(ctx context.Context) error {
	c, err := client.Dial(ctx, l.socket())
	if err != nil {
		return err
	}
	defer c.Close()
	last := ""
	for range 500 {
		s, err := c.Status(ctx)
		if err != nil {
			return err
		}
		if l.done.polled.Add(1); s.ESP != nil && s.ESP.SPIIn != last {
			if last != "" {
				l.done.rekeys.Add(1)
			}
			last = s.ESP.SPIIn
		}
		pause(ctx, 20*time.Millisecond)
	}
	return nil
}

// reconnect has the connection stand for a few rekeys and then end: by the user,
// by a gateway that is restarted, and by one that dies.
func (l *load) reconnect(ctx context.Context) error {
	for _, loss := range []func(context.Context) error{l.byUser, l.byRestart, l.byDeath} {
		if err := l.up(ctx); err != nil {
			return err
		}
		if pause(ctx, 10*time.Second); ctx.Err() != nil {
			return nil
		}
		if err := loss(ctx); err != nil {
			return err
		}
		l.done.reconnects.Add(1)
	}
	return nil
}

func (l *load) byUser(ctx context.Context) error { return l.down(ctx) }

func (l *load) byRestart(context.Context) error {
	end(l.gateway, syscall.SIGTERM)
	return l.startGateway()
}

func (l *load) byDeath(ctx context.Context) error {
	end(l.gateway, syscall.SIGKILL)
	pause(ctx, 3*time.Second)
	return l.startGateway()
}

// up asks for a connection, if there is none, and waits until it is there.
func (l *load) up(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	c, err := client.Dial(ctx, l.socket())
	if err != nil {
		return err
	}
	defer c.Close()
	for s, err := range c.Watch(ctx) {
		switch {
		case err != nil:
			return err
		case s.State == client.Connected:
			return nil
		case s.State == client.Disconnected, s.State == client.Failed:
			if _, err := c.Up(ctx, client.Up{}); err != nil {
				return err
			}
		}
	}
	return errors.New("no connection")
}
