package netcfg

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
)

// The test of crashes runs this test program again as a child that sets
// values, is stopped after some number of steps, and killed with SIGKILL there.
// The child finds its task in childTask.
const childTask = "MUVPN_NETCFG_CHILD"

// task is what a child does.
type task struct {
	Journal, ResolvConf, Bus string
	OwnTUN                   bool      // the interface is the child's and goes away with it
	Values                   []*Config // null undoes
	Stop                     int       // the line of the log after which it waits to be killed
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childTask); text != "" {
		fmt.Println(child(text))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child does a task; it returns "done" when the task ended before Stop.
func child(text string) string {
	var k task
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return err.Error()
	}
	if k.OwnTUN {
		tun := &netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: "muvpn1"}, Mode: netlink.TUNTAP_MODE_TUN,
			NonPersist: true, Queues: 1}
		defer runtime.KeepAlive(tun) // its files are the interface
		if err := netlink.LinkAdd(tun); err != nil {
			return err.Error()
		}
	}
	left := k.Stop
	m := New(k.Journal, WithResolvConf(k.ResolvConf), WithBus(k.Bus), WithResolvconf("-"), WithNotes(func(n Note) {
		if left--; left < 0 {
			fmt.Println("stopped after", n.Text)
			io.Copy(io.Discard, os.Stdin) // until it is killed
		}
	}))
	for _, cfg := range k.Values {
		if err := m.Set(cfg); err != nil {
			return err.Error()
		}
	}
	return "done"
}

// run starts a child in this namespace, and kills it where it stopped. It
// returns what the child said.
func (k task) run(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(k)
	check(t, err)
	cmd := exec.Command("/proc/self/exe", "-test.run=^$")
	cmd.Env = append(os.Environ(), childTask+"="+string(text))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	check(t, err)
	defer stdin.Close()
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	check(t, cmd.Process.Kill())
	cmd.Wait()
	return strings.TrimSpace(line)
}

// crashes kills a child after every line of its log in turn; after each the
// next process must leave the computer as it was.
func crashes(t *testing.T, l *lab, k task, clean func()) {
	t.Helper()
	k.Journal, k.ResolvConf, k.Bus = l.manager().journal, l.resolvConf, l.bus
	before := l.snapshot()
	for k.Stop = 0; ; k.Stop++ {
		said := k.run(t)
		if !strings.HasPrefix(said, "stopped after") {
			t.Logf("killed at %d stages", k.Stop)
			if said != "done" || k.Stop < 30 {
				t.Errorf("%d stages, and then: %s", k.Stop, said)
			}
			return
		}
		check(t, l.manager().Recover())
		l.same(before)
		clean()
		if t.Failed() {
			t.Fatalf("stage %d: %s", k.Stop, said)
		}
	}
}

// values are what a child sets, one after the other: a split tunnel, another
// one, a full one, and nothing.
func (k task) withValues(link string) task {
	first, second, third := office(), office(), full()
	second.MTU, second.Routes, second.DNS = 1380, nets("10.30.0.0/16", "10.20.0.0/16"), addrs("192.168.10.3")
	k.Values = []*Config{first, second, third, nil}
	for _, c := range k.Values[:3] {
		c.Interface = link
	}
	return k
}

// The interface is the process's own and goes with it, resolv.conf is a link:
// as on most computers without systemd-resolved.
func TestKernelKilledAnywhere(t *testing.T) {
	l := newLab(t)
	check(t, os.Rename(l.resolvConf, l.folder+"/real.conf"))
	check(t, os.Symlink("real.conf", l.resolvConf))
	crashes(t, l, task{OwnTUN: true}.withValues("muvpn1"), func() {})
}

// The interface outlives the process, and systemd-resolved knows it.
func TestKernelKilledAnywhereWithResolved(t *testing.T) {
	l := newLab(t)
	r := l.withResolved()
	crashes(t, l, task{}.withValues("muvpn0"), func() {
		if r.Links() != 0 {
			t.Error("something is left set in systemd-resolved")
		}
	})
}
