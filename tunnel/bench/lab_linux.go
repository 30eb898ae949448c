package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// The outer network: one cable between the user and the gateway.
const (
	userOuter    = "10.99.0.1"
	gatewayOuter = "10.99.0.2"
)

// The inner networks.
const (
	userInner    = "192.168.10.201"
	gatewayInner = "192.168.10.2"
	userWG       = "192.168.20.201"
	gatewayWG    = "192.168.20.2"
)

// lab is two namespaces with a cable between, and what runs in them.
type lab struct {
	ctx           context.Context
	user, gateway netns.NsHandle
	dir           string // for files; removed at the end
	running       []*process
}

// newLab makes the namespaces. They have no name, so that they go away with this
// process and its children.
func newLab(ctx context.Context) (*lab, error) {
	l := &lab{ctx: ctx, user: netns.None(), gateway: netns.None()}
	var err error
	if l.dir, err = os.MkdirTemp("", "muvpn-bench-"); err != nil {
		return nil, err
	}
	for _, ns := range []*netns.NsHandle{&l.user, &l.gateway} {
		if *ns, err = newNamespace(); err != nil {
			return nil, errors.Join(err, l.close())
		}
	}
	if err := l.cable(); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// newNamespace makes a namespace and comes back to our own.
func newNamespace() (netns.NsHandle, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := netns.Get()
	if err != nil {
		return netns.None(), err
	}
	defer own.Close()
	ns, err := netns.New()
	if err != nil {
		return ns, fmt.Errorf("network namespace: %w", err)
	}
	return ns, netns.Set(own)
}

// inside runs f with its thread in a namespace: sockets that f opens and
// processes that it starts belong there.
func inside(ns netns.NsHandle, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := netns.Get()
	if err != nil {
		return err
	}
	defer own.Close()
	if err := netns.Set(ns); err != nil {
		return err
	}
	return errors.Join(f(), netns.Set(own))
}

// cable joins the two by a pair of interfaces.
func (l *lab) cable() error {
	return inside(l.user, func() error {
		veth := &netlink.Veth{
			LinkAttrs: netlink.LinkAttrs{Name: "outer"}, PeerName: "outer",
			PeerNamespace: netlink.NsFd(l.gateway),
		}
		if err := netlink.LinkAdd(veth); err != nil {
			return fmt.Errorf("veth: %w", err)
		}
		if err := address("outer", userOuter+"/24"); err != nil {
			return err
		}
		return inside(l.gateway, func() error { return address("outer", gatewayOuter+"/24") })
	})
}

// address gives an interface of this namespace its address, and takes it and lo
// up.
func address(name, cidr string) error {
	a, err := netlink.ParseAddr(cidr)
	if err != nil {
		return err
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return errors.Join(netlink.AddrAdd(link, a), netlink.LinkSetUp(link), netlink.LinkSetUp(lo))
}

// process is a program under measurement.
type process struct {
	*exec.Cmd
	said bytes.Buffer
}

// start starts a program in a namespace. It is ended with the lab.
func (l *lab) start(ns netns.NsHandle, program string, args ...string) (*process, error) {
	p := &process{Cmd: exec.Command(program, args...)}
	p.Stdout, p.Stderr = &p.said, &p.said
	p.Env = append(os.Environ(), "LOG_LEVEL=error", "NO_COLOR=1")
	if err := inside(ns, p.Start); err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	l.running = append(l.running, p)
	return p, nil
}

// command runs a program in a namespace to its end.
func (l *lab) command(ns netns.NsHandle, program string, args ...string) error {
	var said bytes.Buffer
	c := exec.CommandContext(l.ctx, program, args...)
	c.Stdout, c.Stderr = io.Discard, &said
	if err := inside(ns, c.Start); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	if err := c.Wait(); err != nil {
		return fmt.Errorf("%s %v: %w: %s", program, args, err, said.Bytes())
	}
	return nil
}

// await waits until something is there.
func (l *lab) await(what string, there func() bool) error {
	for range 500 {
		if there() {
			return nil
		}
		select {
		case <-l.ctx.Done():
			return l.ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("no %s after 10 s%s", what, l.lastWords())
}

// lastWords is what the programs have said.
func (l *lab) lastWords() string {
	var s string
	for _, p := range l.running {
		if p.said.Len() > 0 {
			s += fmt.Sprintf("\n%s: %.2000s", p.Path, p.said.Bytes())
		}
	}
	return s
}

// exists says that an interface is in a namespace.
func exists(ns netns.NsHandle, name string) bool {
	return inside(ns, func() error { _, err := net.InterfaceByName(name); return err }) == nil
}

// close ends the programs and removes everything.
func (l *lab) close() error {
	for _, p := range l.running {
		p.Process.Signal(os.Interrupt)
		end := time.AfterFunc(5*time.Second, func() { p.Process.Kill() })
		p.Wait()
		end.Stop()
	}
	for _, ns := range []*netns.NsHandle{&l.user, &l.gateway} {
		if ns.IsOpen() {
			ns.Close()
		}
	}
	os.Remove(wgSockets) // unless somebody else's are there
	return os.RemoveAll(l.dir)
}
