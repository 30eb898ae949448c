package systemd

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// byName has a profile of lisa's find the gateway by its name, and shake hands
// with it in an exchange that can be held in the middle.
var byName = []string{`"203.0.113.1"`, strconv.Quote(lab.GatewayName), `"aggressive"`, `"main"`}

// killPlan is what is played here: the variants are the profiles.
var killPlan = lab.KillPlan{Variants: len(killProfiles), GoingUp: 150 * time.Millisecond, GoingDown: 60 * time.Millisecond}

var killProfiles = [...]string{"split", "full"}

// steering is what can hold a muvpnd here, but for systemd-resolved, which is the
// container's. The router answers names.
func (m *machine) steering(programs string) *lab.Steering {
	m.t.Helper()
	names, err := m.outside.StartNameServer(router.Addr(), gatewayAddr.Addr())
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(names.Close)
	return &lab.Steering{
		Names: names, Gateway: gatewayAddr.Addr(),
		Trouble: func(matches ...string) error { return m.outside.Trouble(wire, matches...) },
		LogOut:  func() error { return m.restartGateway(programs) },
	}
}

// frost stops systemd-resolved, so that whoever asks it anything waits.
type frost struct {
	resolved int            // its process
	network  *lab.Namespace // the machine's
	thaw     chan struct{}  // closed when it shall end; nil: there is none
	ended    sync.WaitGroup
}

// frost is one that ends with the test. resolved's own socket tells its process.
func (c *container) frost() *frost {
	c.t.Helper()
	network, err := lab.NamespaceOf("machine", c.init)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(network.Close)
	f := &frost{network: network}
	if f.resolved, err = c.listener("/run/systemd/resolve/io.systemd.Resolve"); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { f.slows(0) })
	return f
}

// slows has systemd-resolved answer nothing, for muvpnd to give up on it after a
// few seconds; 0: answer again. What muvpnd asks before it changes anything is
// still answered: the frost comes with the tunnel's address.
func (f *frost) slows(call time.Duration) error {
	if f.thaw != nil {
		close(f.thaw)
		f.ended.Wait()
		f.thaw = nil
	}
	switch {
	case call == 0:
		return syscall.Kill(f.resolved, syscall.SIGCONT)
	case f.comes():
		return nil
	}
	f.thaw = make(chan struct{})
	f.ended.Go(func() {
		for !f.comes() {
			select {
			case <-f.thaw:
				return
			case <-time.After(200 * time.Microsecond):
			}
		}
	})
	return nil
}

// comes stops systemd-resolved if the tunnel has its address, and says so.
func (f *frost) comes() bool {
	address, err := f.network.Address("muvpn0")
	return err == nil && address == virtualIP && syscall.Kill(f.resolved, syscall.SIGSTOP) == nil
}

// killsAtRandom: systemd starts muvpnd again, and it gives back what the one
// before had changed. MUVPN_SEED=n plays the same plan again, MUVPN_KILLS=n one of
// so many; 50 are enough for three in each state.
func killsAtRandom(t *testing.T, c *container, steering *lab.Steering) {
	seed, n := uint64(setting("MUVPN_SEED", time.Now().UnixNano())), int(setting("MUVPN_KILLS", 15))
	fmt.Printf("systemd:   %d kills, MUVPN_SEED=%d\n", n, seed)
	c.writes("/etc/systemd/system/muvpnd.service.d/soon.conf", "[Service]\nRestartSec=100ms\n", "644") // nobody waits for it here
	c.must("systemctl", "daemon-reload")
	steering.Slow = c.frost().slows
	killed, before := lab.Toll{}, c.snapshot()
	for i, k := range killPlan.Kills(seed, n) {
		killed[c.kills(i+1, k, steering, before)]++
	}
	c.must("rm", "-r", "/etc/systemd/system/muvpnd.service.d")
	c.must("systemctl", "daemon-reload")
	if lacks := killed.Lacks(n); lacks != nil {
		t.Errorf("too few kills in the states %v: %s", lacks, killed)
	}
	fmt.Printf("systemd:   killed %d times, each time the network was as before after the next start: %s\n", n, killed)
}

// kills plays one kill and says in which state muvpnd was. By the next start the
// network is as it was before.
func (c *container) kills(i int, k lab.Kill, steering *lab.Steering, before lab.Snapshot) client.State {
	c.t.Helper()
	w, profile := c.watches(), killProfiles[k.Variant]
	defer w.Close()
	pid, err := c.muvpnd()
	if err == nil {
		err = steering.Brings(w, k, client.Up{Profile: profile})
	}
	if err != nil {
		c.t.Fatalf("systemd: kill %d: %v: %v\n%s", i, k, err, c.log())
	}
	what := c.awaitsChanges(k, before)
	time.Sleep(k.Moment)
	state := w.State()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
	c.t.Logf("kill %d: %s by %s: it was %s; changed: %s", i, k, profile, state, what)
	if err := steering.Ends(); err != nil {
		c.t.Fatal(err)
	}
	c.startsAgain(pid)
	c.asBefore(before, fmt.Sprintf("kill %d: %s: after the next start", i, k))
	if c.t.Failed() {
		c.t.FailNow()
	}
	return state
}

// awaitsChanges says that what a kill is about is changed, and returns all that is.
// A systemd-resolved that does not answer cannot be asked.
func (c *container) awaitsChanges(k lab.Kill, before lab.Snapshot) (what string) {
	c.t.Helper()
	now := func() (lab.Snapshot, error) { return c.snapshot(), nil }
	if k.Slow {
		now, before = func() (lab.Snapshot, error) { return c.kernel(), nil }, without("resolved", before)
	}
	what, err := lab.AwaitChanges(k, "resolved", before, now)
	if err != nil {
		c.t.Fatalf("systemd: %v\n%s", err, c.log())
	}
	return what
}

// startsAgain waits until systemd has started another muvpnd, which answers when
// it has undone all that it has found.
func (c *container) startsAgain(killed int) {
	c.t.Helper()
	c.await("started again", time.Minute, func() bool {
		now, err := c.muvpnd()
		return err == nil && now != killed
	})
	c.watches().Close()
}

// muvpnd is the process that holds the socket, by its number here.
func (c *container) muvpnd() (pid int, err error) { return c.listener(socket) }

// listener is the process that listens at a socket.
func (c *container) listener(at string) (pid int, err error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: c.path(at)})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	raw.Control(func(fd uintptr) {
		var peer *unix.Ucred
		if peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(peer.Pid)
		}
	})
	return pid, err
}

// setting is a number in the environment.
func setting(name string, otherwise int64) int64 {
	n, err := strconv.ParseInt(os.Getenv(name), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}
