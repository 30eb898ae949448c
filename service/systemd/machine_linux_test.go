package systemd

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"muvpn/service/interop/lab"
)

// The network that a machine is plugged into.
const (
	wire   = "outside" // the switch
	ownEnd = "host0"   // the machine's link to it, by the name that nspawn gives it
)

// Who has which address there.
var (
	router      = netip.MustParsePrefix("198.51.100.1/24") // which is all there is beyond
	router6     = netip.MustParsePrefix("2001:db8:5::1/64")
	gatewayAddr = netip.MustParsePrefix("203.0.113.1/32") // of muvpn-testgw
	ownAddr     = netip.MustParsePrefix("198.51.100.2/24")
	ownAddr6    = netip.MustParsePrefix("2001:db8:5::2/64")
	office      = netip.MustParsePrefix("192.168.10.0/24")
	virtualIP   = netip.MustParseAddr("192.168.10.201")
)

// machine is a computer that can be booted again and again: a disk that begins
// as the Debian in base, and a network to be plugged into. The disk is in memory.
type machine struct {
	t       *testing.T
	name    string
	outside *lab.Namespace
	holder  int // a process in whose namespaces the disk is, and all that runs on it
	testgw  *lab.Process
}

// disk mounts the disk at /run/disk of a /run of its own, and keeps it until
// standard input ends. Meanwhile the shell buries whoever has nobody else.
const disk = `mount -t tmpfs tmpfs /run && mkdir /run/changes /run/work /run/disk &&
mount -t overlay -o lowerdir="$1",upperdir=/run/changes,workdir=/run/work overlay /run/disk && echo ready || exit
exec 3<&0; cat <&3 & wait`

// newMachine makes a machine, which ends with the test.
func newMachine(t *testing.T, name, base string) *machine {
	t.Helper()
	m := &machine{t: t, name: fmt.Sprintf("muvpn-%s-%d", name, os.Getpid())}
	if err := m.wires(); err != nil {
		t.Fatal(err)
	}
	holder := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", disk, "sh", base)
	holder.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	holder.Stderr = os.Stderr
	if _, err := holder.StdinPipe(); err != nil { // which ends with us at the latest
		t.Fatal(err)
	}
	said, err := holder.StdoutPipe()
	if err == nil {
		err = m.outside.Do(holder.Start)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { holder.Process.Kill(); holder.Wait() })
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("systemd: this machine cannot lay one file system over another: %v", err)
	}
	m.holder = children(holder.Process.Pid)[0]
	return m
}

// wires makes the network outside. Nothing of it is on this computer's own.
func (m *machine) wires() (err error) {
	if m.outside, err = lab.NewNamespace("outside"); err != nil {
		return err
	}
	m.t.Cleanup(m.outside.Close)
	if err := m.outside.AddBridge(wire, router, gatewayAddr); err != nil {
		return err
	}
	for _, set := range [][2]string{{"accept_dad", "0"}, {"disable_ipv6", "0"}} {
		if err := m.outside.Sysctl("net/ipv6/conf/"+wire+"/"+set[0], set[1]); err != nil {
			return err
		}
	}
	return m.outside.AddAddress(wire, router6)
}

// watch begins to watch what machines send, from their first packet on.
func (m *machine) watch() *lab.Monitor {
	m.t.Helper()
	monitor, err := m.outside.MonitorOthers(lab.Watched{
		Gateways: []netip.Addr{gatewayAddr.Addr()}, Office: []netip.Prefix{office}, VirtualIP: virtualIP, Local: router.Masked(),
	})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(monitor.Close)
	return monitor
}

// gateway starts muvpn-testgw outside. It ends with the machine.
func (m *machine) gateway(programs string) {
	m.t.Helper()
	if err := m.startGateway(programs); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { m.testgw.Stop() })
}

// startGateway starts a muvpn-testgw.
func (m *machine) startGateway(programs string) error {
	config, err := filepath.Abs("testdata/gateway.toml")
	if err != nil {
		return err
	}
	m.testgw, err = lab.Program{
		Name: "testgw", Namespace: m.outside, Args: []string{filepath.Join(programs, "muvpn-testgw"), "run", "--config", config},
	}.Start(m.memory())
	return err
}

// restartGateway has the gateway say goodbye to its users, and starts another.
func (m *machine) restartGateway(programs string) error {
	if err := m.testgw.Stop(); err != nil {
		return err
	}
	return m.startGateway(programs)
}

// memory is a folder in memory that goes with the machine.
func (m *machine) memory() string { return fmt.Sprintf("/proc/%d/root/run", m.holder) }

// inside are the options of nsenter for a process in the machine's place.
func (m *machine) inside() []string {
	return []string{"--target=" + strconv.Itoa(m.holder), "--mount", "--pid", "--net", "--"}
}
