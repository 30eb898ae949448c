package lab

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
)

// The taps by which a kernel gateway is plugged into the lab.
const (
	outerTap = "outer-tap"
	lanTap   = "lan-tap"
)

// viciPort is where a kernel gateway's charon listens for swanctl.
const viciPort = "4502"

// kernelInit is the first process inside the kernel gateway.
//
//go:embed kernel_init.sh
var kernelInit []byte

// KernelGateway is strongSwan on a Linux kernel of its own (user-mode Linux),
// with the kernel's ESP: what the machine's kernel may lack.
type KernelGateway struct{ *Charon }

// newKernelGateway prepares the kernel's files and command line.
func newKernelGateway(n *Network, dir string) (*KernelGateway, error) {
	charon, err := newCharon(n.LAN, dir, "gateway")
	if err != nil {
		return nil, err
	}
	k := &KernelGateway{charon}
	k.uri = fmt.Sprintf("tcp://%s:%s", gatewayTrusted.Addr(), viciPort)
	init := k.path("init.sh")
	k.program = Program{
		Name: "kernel", Namespace: n.Gateway,
		Args: append([]string{toolPath("linux.uml")}, k.bootLine(init)...),
		Env:  []string{"TMPDIR=/dev/shm"}, Alone: true,
	}
	return k, os.WriteFile(init, kernelInit, 0o700)
}

// bootLine is the kernel's command line; what has no meaning to the kernel is
// init's environment.
func (k *KernelGateway) bootLine(init string) []string {
	return []string{
		"mem=256M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
		"init=" + init, "uml_dir=" + k.dir, "umid=kernel",
		"con=null", "con0=null,fd:1", "ssl=null",
		"vec0:transport=tap,ifname=" + outerTap + ",depth=128",
		"vec1:transport=tap,ifname=" + lanTap + ",depth=128",
		"LAB=" + k.dir, "OUTER=" + gatewayOuter.String(), "INNER=" + gatewayTrusted.String(),
		"OUTSIDE=" + gatewayOuter.Masked().String(), "LAN=" + Trusted.String(), "ROUTER=" + clientOuter.Addr().String(),
	}
}

// Keys are the keys of every SA that the kernel has.
func (k *KernelGateway) Keys() ([]SAKeys, error) {
	text, err := os.ReadFile(k.path("state"))
	if err != nil {
		return nil, err
	}
	return kernelKeys(string(text))
}

// statBlocked is the kernel's counter of packets that met the guard.
const statBlocked = "XfrmInPolBlock"

// blocked counts the packets that met the guard, half a second late at most.
func (k *KernelGateway) blocked() (int, error) {
	text, err := os.ReadFile(k.path("statistics"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if name, count, _ := strings.Cut(line, " "); name == statBlocked {
			return strconv.Atoi(strings.TrimSpace(count))
		}
	}
	return 0, fmt.Errorf("the kernel does not count %s", statBlocked)
}

// switches makes the gateway's namespace two switches: on the one the client
// and the kernel gateway's first link, on the other the LAN and its second.
func (n *Network) switches() error {
	for _, plug := range []struct{ bridge, link, tap string }{
		{"br-outer", outerLink, outerTap}, {"br-lan", lanLink, lanTap},
	} {
		if err := n.Gateway.bridge(plug.bridge, plug.link, plug.tap); err != nil {
			return fmt.Errorf("%s: %w", plug.bridge, err)
		}
	}
	return nil
}

// bridge joins a link and a new tap.
func (n *Namespace) bridge(name, link, tap string) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	if err := n.links.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}); err != nil {
		return err
	}
	attrs = netlink.NewLinkAttrs()
	attrs.Name = tap
	device := &netlink.Tuntap{LinkAttrs: attrs, Mode: netlink.TUNTAP_MODE_TAP}
	if err := n.Do(func() error { return netlink.LinkAdd(device) }); err != nil {
		return err
	}
	for _, port := range []string{link, tap} {
		if err := n.plug(name, port); err != nil {
			return err
		}
	}
	return n.linkUp(name)
}

// plug makes a link a port of a bridge.
func (n *Namespace) plug(bridge, port string) error {
	master, err := n.links.LinkByName(bridge)
	if err != nil {
		return err
	}
	link, err := n.links.LinkByName(port)
	if err != nil {
		return err
	}
	return errors.Join(n.links.LinkSetMaster(link, master), n.links.LinkSetUp(link))
}
