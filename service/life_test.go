package service

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/tunnel"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/gateway/lan"
	"muvpn/tunnel/gateway/server"
	"muvpn/tunnel/linetest"
	"muvpn/tunnel/netcfg"
	"muvpn/tunnel/tuntest"
)

// lifelong is a profile for gatewaytest.Firebox.
const lifelong = `
name = "Office"
[gateway]
addresses = ["198.51.100.7"]
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { source = "inline", value = "` + gatewaytest.PSK + `" }
[ike]
exchange = "aggressive"
proposals = ["des-md5-modp768"]
[esp]
proposals = ["3des-sha1"]
[network]
virtual_ip = { address = "192.168.10.201" }
networks = ["192.168.10.0/24"]
[policy]
security = "legacy"
`

// lifeHost is a fakeHost whose interface carries packets.
type lifeHost struct {
	*fakeHost
	device *tuntest.Device
}

func (h lifeHost) Open(*profile.Profile, func(tunnel.Note)) (tunnel.Link, error) {
	h.opened++
	return lifeLink{h}, nil
}

// lifeLink is the interface of lifeHost.
type lifeLink struct{ lifeHost }

func (l lifeLink) Device() tun.Device          { return l.device }
func (l lifeLink) Set(*tunnel.NetConfig) error { return nil }
func (l lifeLink) Close() error                { l.closed++; return nil }

// life is a rig whose tunnel and gateway are real, with a network in memory
// between them.
type life struct {
	*rig
	device, inside *tuntest.Device
	line           *linetest.Line
	gateway        *server.Server
	out            *tuntest.Flow
	gaps           []time.Duration // from a move to the first answer
}

func newLife(t *testing.T) *life {
	t.Helper()
	dir := t.TempDir()
	book, err := logbook.Open(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	profiles, _, err := store.Open(filepath.Join(dir, "profiles"), nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &life{
		device: tuntest.New(64), inside: tuntest.New(64),
		line: linetest.New(home.Links[0].Addresses[0].Addr(), 1, linetest.Weather{Delay: 20 * time.Millisecond}),
		out:  tuntest.NewFlow(netip.MustParseAddr("192.168.10.201"), netip.MustParseAddr("192.168.10.2"), 100),
	}
	l.startGateway(t)
	l.rig = &rig{t: t, dir: dir, host: &fakeHost{}}
	l.Service = New(Config{Book: book, Store: profiles, Host: lifeHost{l.host, l.device},
		Start: func(c tunnel.Config) (Tunnel, error) {
			c.DialUDP = l.line.DialUDP
			return tunnel.Start(c)
		},
		LookUp: func(context.Context, string, string) ([]netip.Addr, error) { return nil, errors.New("no names here") }})
	ctx, cancel := context.WithCancel(context.Background())
	go l.Run(ctx)
	l.stop = func() {
		cancel()
		<-l.ended
		book.Close()
		l.gateway.Close()
	}
	return l
}

func (l *life) startGateway(t *testing.T) {
	t.Helper()
	g := gatewaytest.Firebox()
	g.RawESP = false
	var err error
	if l.gateway, err = server.Start(server.Config{
		Gateway: g, Listen: netip.MustParseAddr("198.51.100.7"), IKEPort: 500, NATTPort: 4500,
		LAN: lan.Config{Address: netip.MustParsePrefix("192.168.10.2/24")}, Inside: l.inside, ListenUDP: l.line.ListenUDP,
	}); err != nil {
		t.Fatal(err)
	}
}

// talk is a conversation for so long, as TCP has it: what is not answered within
// a second is said again, until it is. It is how long the first answer took.
func (l *life) talk(long time.Duration) time.Duration {
	l.t.Helper()
	began, first := time.Now(), time.Duration(0)
	for time.Since(began) < long {
		said, words := time.Now(), l.out.Packet()
		for !l.answered(words) {
			if time.Since(said) > time.Minute {
				l.t.Fatalf("nothing comes back any more; the state is %s", l.is(client.Connected).State)
			}
		}
		if first == 0 {
			first = time.Since(began)
		}
		time.Sleep(time.Second)
	}
	return first
}

// answered says words to the office, which says them back.
func (l *life) answered(words []byte) bool {
	l.device.In <- words
	patience := time.After(time.Second)
	for {
		select {
		case heard := <-l.inside.Out:
			copy(heard[12:16], words[16:20])
			copy(heard[16:20], words[12:16])
			l.inside.In <- heard
		case back := <-l.device.Out:
			if number(back) == number(words) { // not the echo of an earlier one
				return true
			}
		case <-patience:
			return false
		}
	}
}

func number(packet []byte) uint32 { return binary.BigEndian.Uint32(packet[28:]) }

// A day on which the computer moves to another network every hour: what is
// inside the tunnel goes on within seconds, on the same interface, and nothing
// piles up.
func TestDayOfMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLife(t)
		defer l.stop()
		l.imported(lifelong)
		if _, err := l.Up(t.Context(), user, client.Up{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		l.is(client.Connected)
		l.talk(time.Hour)
		var heap uint64
		for hour := range 23 {
			l.move([]*netcfg.Host{&cafe, nil}[hour%2])
			l.gaps = append(l.gaps, l.talk(time.Hour))
			if hour == 1 {
				heap = inUse()
			}
		}
		l.check(heap)
	})
}

// move takes the computer to another network; nil is home.
func (l *life) move(to *netcfg.Host) {
	at := to
	if at == nil {
		at = &home
	}
	l.line.Move(at.Links[0].Addresses[0].Addr())
	l.host.moves(to, netcfg.Changed)
}

// inUse is what the heap holds, in octets. What was put into pools is gone after the
// second collection only, and so is what has a finalizer.
func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// check looks at what the day has left.
func (l *life) check(heap uint64) {
	l.t.Helper()
	slices.Sort(l.gaps)
	if l.gaps[0] == 0 || slices.Max(l.gaps) > 3*time.Second {
		l.t.Errorf("the gaps were %v", l.gaps)
	}
	if l.host.opened != 1 || l.host.closed != 0 {
		l.t.Errorf("the interface was opened %d times and closed %d times", l.host.opened, l.host.closed)
	}
	if now := inUse(); now > heap+512<<10 {
		l.t.Errorf("the heap holds %d octets, after three hours it was %d", now, heap)
	}
	l.t.Logf("%d moves: gap %s as a median, %s at worst; the heap has grown by %d octets",
		len(l.gaps), l.gaps[len(l.gaps)/2], slices.Max(l.gaps), int64(inUse()-heap))
	if _, err := l.Down(l.t.Context(), user); err != nil {
		l.t.Error(err)
	}
	time.Sleep(5 * time.Second)
	l.is(client.Disconnected)
	if n := l.line.Open(); n != 2 || l.host.closed != 1 {
		l.t.Errorf("%d sockets are open, the gateway has two; the interface was closed %d times", n, l.host.closed)
	}
}
