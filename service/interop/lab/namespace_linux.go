package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Namespace is a network namespace without a name: it lives as long as this
// process holds it open or a program runs in it.
type Namespace struct {
	Name  string // for messages only
	file  *os.File
	links *netlink.Handle
}

// NewNamespace makes an empty network namespace with its loopback up and
// without IPv6, so that a capture holds nothing that the scenario did not
// cause.
func NewNamespace(name string) (*Namespace, error) {
	file, err := unshareNetwork()
	if err != nil {
		return nil, fmt.Errorf("namespace %s: %w", name, err)
	}
	n, err := hold(name, file)
	if err != nil {
		return nil, err
	}
	if err := n.Sysctl("net/ipv6/conf/default/disable_ipv6", "1"); err != nil {
		n.Close()
		return nil, err
	}
	if err := n.linkUp("lo"); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// NamespaceOf is the network namespace of a process. It lives on when that ends,
// until it is closed.
func NamespaceOf(name string, pid int) (*Namespace, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, fmt.Errorf("namespace %s: %w", name, err)
	}
	return hold(name, file)
}

// hold makes a Namespace of the file that holds it.
func hold(name string, file *os.File) (*Namespace, error) {
	links, err := netlink.NewHandleAt(netns.NsHandle(file.Fd()))
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("namespace %s: %w", name, err)
	}
	return &Namespace{Name: name, file: file, links: links}, nil
}

// unshareNetwork makes a namespace and returns the file that holds it.
func unshareNetwork() (file *os.File, err error) {
	err = onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	return file, err
}

// Close lets go of the namespace; the kernel removes it, with its links, when
// the last program in it has ended.
func (n *Namespace) Close() {
	n.links.Close()
	n.file.Close()
}

// Do calls f on a thread that is inside the namespace: sockets opened and
// programs started by f belong to it for good.
func (n *Namespace) Do(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter namespace %s: %w", n.Name, err)
		}
		return f()
	})
}

// onThread calls f on a thread of its own and then brings that thread back to
// the network namespace where it was. A thread that cannot come back would
// take its programs with it (they die with the thread that started them), so
// that is the end of the process.
func onThread(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer home.Close()
	defer func() {
		if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
			panic(fmt.Sprintf("lab: cannot leave a namespace: %v", err))
		}
	}()
	return f()
}

// Listen opens a listener inside the namespace.
func (n *Namespace) Listen(network, address string) (l net.Listener, err error) {
	err = n.Do(func() error {
		l, err = net.Listen(network, address)
		return err
	})
	return l, err
}

// ListenPacket opens a packet socket inside the namespace.
func (n *Namespace) ListenPacket(network, address string) (c net.PacketConn, err error) {
	err = n.Do(func() error {
		c, err = net.ListenPacket(network, address)
		return err
	})
	return c, err
}

// Dial connects from inside the namespace. The address must be numeric: a
// name would be looked up by another thread, outside.
func (n *Namespace) Dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	if _, err := netip.ParseAddrPort(address); err != nil {
		return nil, err
	}
	err = n.Do(func() error {
		c, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return c, err
}

// Sysctl sets one kernel parameter of the namespace, by its path under
// /proc/sys.
func (n *Namespace) Sysctl(path, value string) error {
	return n.Do(func() error {
		return os.WriteFile(filepath.Join("/proc/sys", path), []byte(value), 0)
	})
}
