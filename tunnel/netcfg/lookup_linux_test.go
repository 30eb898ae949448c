package netcfg

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The question to a stub on this computer passes a kill switch, as it stays
// here; what the stub asks in its turn does not, and so it has no answer: neither
// by DNS nor by DNS over TLS. Without a kill switch it has.
func TestKernelStubsOwnQuestions(t *testing.T) {
	g := newGate(t)
	m := g.manager()
	stub, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.53:53")))
	check(t, err)
	defer stub.Close()
	for _, upstream := range []string{"8.8.8.8:53", "8.8.8.8:853", "192.168.1.1:853"} {
		check(t, m.Unblock())
		if addrs, asked, err := g.askStub(stub, upstream, 20*time.Second); err != nil || !asked || len(addrs) != 1 || addrs[0] != gatewayAddr {
			t.Errorf("%s, no kill switch: %v, %v; the stub was asked: %t", upstream, addrs, err, asked)
		}
		check(t, m.Block(KillSwitch{UUID: "1", OpenLocal: true}))
		if addrs, asked, err := g.askStub(stub, upstream, 2*time.Second); err == nil || !asked {
			t.Errorf("%s, kill switch: %v; the stub was asked: %t", upstream, addrs, asked)
		}
	}
	check(t, m.Unblock())
}

// askStub looks a name up where the servers on other computers refuse to be
// asked. The stub knows the answer if a datagram of its own leaves for upstream.
func (g *gate) askStub(stub *net.UDPConn, upstream string, limit time.Duration) (found []netip.Addr, asked bool, err error) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), limit)
	defer cancel()
	inside := g.dialer()
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "127.0.0.53:53" {
			return nil, unix.ECONNREFUSED
		}
		return inside(ctx, network, address)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		found, err = lookUp(ctx, "ip4", "firebox.example.com", servers{outside: addrs("8.8.8.8"), stub: addrs("127.0.0.53")}, dial)
	}()
	for b := make([]byte, 512); ; {
		select {
		case <-done:
			return found, asked, err
		default:
		}
		stub.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		n, from, err := stub.ReadFromUDPAddrPort(b)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		check(g.t, err)
		asked = true
		if g.leaves(upstream, 0, false) {
			_, err := stub.WriteToUDPAddrPort(reply(b[:n], knows), from)
			check(g.t, err)
		}
	}
}

// dialer is dialServer on any goroutine, for the lab that the test's own thread
// is in. Go's resolver may still dial when nobody waits for the answer any more:
// after the test that fails.
func (g *gate) dialer() dialer {
	g.t.Helper()
	namespace, err := os.Open("/proc/thread-self/ns/net")
	check(g.t, err)
	var mu sync.Mutex // of namespace
	g.t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		namespace.Close()
	})
	enter := func() error {
		mu.Lock()
		defer mu.Unlock()
		return unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET)
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := enter(); err != nil {
			return nil, err
		}
		return dialServer(ctx, network, address)
	}
}
