package systemd

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// What lisa may have: the office alone, or everything through the tunnel.
const (
	split = "[network]\nvirtual_ip = { mode = \"static\", address = \"192.168.10.201\" }\n" +
		"networks = [\"192.168.10.0/24\"]\ndns = [\"192.168.10.2\"]\nsearch = [\"office.example.com\"]\n"
	full = "[network]\nvirtual_ip = { mode = \"static\", address = \"192.168.10.201\" }\n" +
		"full_tunnel = true\ndns = [\"192.168.10.2\"]\nsearch = [\"office.example.com\"]\n"
)

// resolved is muvpnd on a machine of systemd-networkd and systemd-resolved: what
// it tells them, and that it is gone afterwards, however muvpnd ends.
func resolved(t *testing.T, m *machine, programs string) {
	m.gateway(programs)
	c := m.boot(t)
	c.networkd()
	c.installs(programs)
	c.imports(1, "split", split)
	c.imports(2, "full", full)
	c.plays(t,
		scene{"resolved gets the office's names in a split tunnel, all in a full one", names},
		scene{"systemd's own services begin anew while connected", othersBeginAnew},
		scene{"muvpnd is stopped while connected", stoppedConnected},
		scene{"muvpnd is killed at random moments", killsAtRandom},
		scene{"muvpnd is uninstalled while connected", uninstalledConnected},
	)
}

// names: systemd-resolved has what it was told as long as there is a connection.
func names(t *testing.T, c *container) {
	w, before := c.watches(), c.snapshot()
	for profile, want := range map[string][]string{
		"split": {"dns 192.168.10.2", "domain office.example.com", "default-route no"},
		"full":  {"dns 192.168.10.2", "domain ~. office.example.com", "default-route yes"},
	} {
		c.connects(w, profile)
		said := c.must("sh", "-c", resolvectlOfOurs)
		if lack := missing(said, want...); len(lack) > 0 {
			t.Errorf("in a %s tunnel systemd-resolved has for its link\n%s\nwithout %q", profile, said, lack)
		}
		c.must("muvpn", "down")
		c.asBefore(before, "after a "+profile+" tunnel")
	}
}

// othersBeginAnew: systemd-networkd takes away rules that are not its own when it
// starts, and systemd-resolved forgets. All is as it was a moment later.
func othersBeginAnew(t *testing.T, c *container) {
	before := c.snapshot()
	c.connects(c.watches(), "full")
	connected := c.snapshot()
	for _, unit := range []string{"systemd-networkd", "systemd-resolved"} {
		c.must("systemctl", "restart", unit)
		c.asSoon(connected, "after a restart of "+unit)
	}
	if page := c.page(); !strings.Contains(page, "You have come from 192.168.10.201") {
		t.Errorf("the page is %q", page)
	}
	c.must("muvpn", "down")
	c.asBefore(before, "after the connection")
}

// stoppedConnected: the service ends in good order.
func stoppedConnected(t *testing.T, c *container) {
	before := c.snapshot()
	c.connects(c.watches(), "full")
	c.needsChanges(before)
	c.must("muvpnd", "stop")
	c.asBefore(before, "after muvpnd stop")
	c.must("muvpnd", "start")
}

// uninstalledConnected: so does who uninstalls it.
func uninstalledConnected(t *testing.T, c *container) {
	before := c.snapshot()
	c.connects(c.watches(), "split")
	c.needsChanges(before)
	c.must("muvpnd", "uninstall", "--purge")
	c.asBefore(before, "after muvpnd uninstall")
}

// needsChanges says that all is changed that a connection changes here, or what
// follows would show nothing.
func (c *container) needsChanges(before lab.Snapshot) {
	c.t.Helper()
	_, of := c.snapshot().Differences(before)
	for _, kind := range []string{"link", "address", "route", "nftables", "resolved"} {
		if !of[kind] {
			c.t.Fatalf("no %s is changed, only %v", kind, slices.Sorted(maps.Keys(of)))
		}
	}
}

// Ways to be killed: while a connection is made, while it stands, while it is
// ended.
const (
	goingUp   = "going up"
	standing  = "standing"
	goingDown = "going down"
)

// kill is one death of muvpnd.
type kill struct {
	way     string
	profile string
	moment  time.Duration // after the way was begun
}

// planKills makes a plan out of a seed: each way as often as the others.
func planKills(seed uint64, n int) []kill {
	chance := rand.New(rand.NewPCG(seed, 0))
	latest := map[string]time.Duration{goingUp: 120 * time.Millisecond, standing: 300 * time.Millisecond, goingDown: 60 * time.Millisecond}
	plan := make([]kill, n)
	for i := range plan {
		way := []string{goingUp, standing, goingDown}[i%3]
		plan[i] = kill{way, []string{"split", "full"}[chance.IntN(2)], time.Duration(chance.Int64N(int64(latest[way])))}
	}
	chance.Shuffle(n, func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	return plan
}

// killsAtRandom: systemd starts muvpnd again, and it gives back what the one
// before had changed. MUVPN_SEED=n plays the same plan again, MUVPN_KILLS=n one of
// so many.
func killsAtRandom(t *testing.T, c *container) {
	seed, n := uint64(setting("MUVPN_SEED", time.Now().UnixNano())), int(setting("MUVPN_KILLS", 15))
	fmt.Printf("systemd:   %d kills, MUVPN_SEED=%d\n", n, seed)
	c.writes("/etc/systemd/system/muvpnd.service.d/soon.conf", "[Service]\nRestartSec=100ms\n", "644") // nobody waits for it here
	c.must("systemctl", "daemon-reload")
	died, before := map[client.State]int{}, c.snapshot()
	for i, k := range planKills(seed, n) {
		died[c.kills(i+1, k, before)]++
	}
	c.must("rm", "-r", "/etc/systemd/system/muvpnd.service.d")
	c.must("systemctl", "daemon-reload")
	var counts []string
	for _, state := range slices.Sorted(maps.Keys(died)) {
		counts = append(counts, fmt.Sprintf("%s %d", state, died[state]))
	}
	fmt.Printf("systemd:   killed %d times, each time the network was as before after the next start: %s\n", n, strings.Join(counts, ", "))
}

// kills plays one kill and says in which state muvpnd was. By the next start the
// network is as it was before.
func (c *container) kills(i int, k kill, before lab.Snapshot) client.State {
	c.t.Helper()
	w := c.watches()
	pid, err := c.muvpnd()
	if err != nil {
		c.t.Fatal(err)
	}
	if k.way == goingUp {
		if _, err := w.Up(c.t.Context(), client.Up{Profile: k.profile}); err != nil {
			c.t.Fatal(err)
		}
	} else {
		c.connects(w, k.profile)
		c.needsChanges(before)
	}
	if k.way == goingDown {
		go w.Down(c.t.Context())
	}
	time.Sleep(k.moment)
	state := w.State()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
	c.await("started again", time.Minute, func() bool {
		now, err := c.muvpnd()
		return err == nil && now != pid
	})
	c.watches() // which is answered when all is undone
	c.t.Logf("kill %d: %s by %s, %v later, when it was %s", i, k.way, k.profile, k.moment.Round(time.Millisecond), state)
	c.asBefore(before, fmt.Sprintf("kill %d: %+v: after the next start", i, k))
	if c.t.Failed() {
		c.t.FailNow()
	}
	return state
}

// muvpnd is the process that holds the socket, by its number here.
func (c *container) muvpnd() (pid int, err error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: c.path(socket)})
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

// A plan kills on every way, and the same seed makes the same plan.
func TestPlanKills(t *testing.T) {
	plan := planKills(7, 15)
	if !slices.Equal(plan, planKills(7, 15)) || slices.Equal(plan, planKills(8, 15)) {
		t.Error("a plan is not made of its seed")
	}
	ways := map[string]int{}
	for _, k := range plan {
		ways[k.way]++
	}
	if want := map[string]int{goingUp: 5, standing: 5, goingDown: 5}; !maps.Equal(ways, want) {
		t.Errorf("%v, want %v", ways, want)
	}
}
