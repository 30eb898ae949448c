package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"muvpn/client"
)

// gatewayFile is a gateway of today for lisa, which rekeys before she does.
const gatewayFile = `
listen    = "127.0.0.1"
ike_port  = %d
natt_port = %d
networks  = ["192.168.10.0/24"]
[[users]]
name       = "lisa"
id         = { type = "user_fqdn", value = "lisa" }
psk        = "sample-psk-for-lisa-2001"
virtual_ip = "192.168.10.201"
[phase1]
exchanges = ["aggressive"]
proposals = ["aes128-sha1-modp1024"]
lifetime  = "10s"
[phase2]
proposals   = ["aes128gcm16"]
lifetime    = "10s"
rekey_after = "5s"
[lan]
device    = "netstack"
address   = "192.168.10.2/24"
file_size = "8MB"
`

// profileFile is lisa's: both phases live as short as a profile may have it, and
// a gateway that is gone is noticed soon.
const profileFile = `
name = "Soak"
[gateway]
addresses = ["127.0.0.1"]
ike_port  = %d
natt_port = %d
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { source = "inline", value = "sample-psk-for-lisa-2001" }
[ike]
exchange  = "aggressive"
proposals = ["aes128-sha1-modp1024"]
lifetime  = "10s"
dpd       = "2s"
give_up   = "6s"
[esp]
proposals = ["aes128gcm16"]
lifetime  = "10s"
[network]
virtual_ip = { address = "192.168.10.201" }
networks   = ["192.168.10.0/24"]
`

// pair is muvpnd and a gateway, as processes.
type pair struct {
	programs, dir string
	ike, natt     uint16
	gateway       *exec.Cmd
	muvpnd        *exec.Cmd
	trace         *trace
}

// startPair starts both, and has muvpnd know the profile.
func startPair(ctx context.Context, programs, dir string) (*pair, error) {
	p := &pair{programs: programs, dir: dir, trace: newTrace()}
	var err error
	if p.ike, p.natt, err = freePorts(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(p.config(), fmt.Appendf(nil, gatewayFile, p.ike, p.natt), 0o600); err != nil {
		return nil, err
	}
	if err := errors.Join(p.startGateway(), p.startMuvpnd()); err != nil {
		p.stop()
		return nil, err
	}
	if err := p.importProfile(ctx); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// freePorts are two UDP ports that were free just now.
func freePorts() (uint16, uint16, error) {
	var ports [2]uint16
	for i := range ports {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return 0, 0, err
		}
		defer c.Close()
		ports[i] = c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	}
	return ports[0], ports[1], nil
}

func (p *pair) config() string { return filepath.Join(p.dir, "gateway.toml") }
func (p *pair) socket() string { return filepath.Join(p.dir, "sock") }

// endsWithUs has a program be killed when this one is.
func endsWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

func (p *pair) startGateway() error {
	p.gateway = exec.Command(filepath.Join(p.programs, "muvpn-testgw"), "run", "--config", p.config(), "--log", os.DevNull)
	p.gateway.SysProcAttr = endsWithUs()
	return p.gateway.Start()
}

// startMuvpnd starts muvpnd, and a reader of its trace.
func (p *pair) startMuvpnd() error {
	p.muvpnd = exec.Command(filepath.Join(p.programs, "muvpnd"), "run", "--userspace",
		"--state", filepath.Join(p.dir, "state"), "--socket", p.socket())
	p.muvpnd.SysProcAttr = endsWithUs()
	p.muvpnd.Env = append(os.Environ(), debug)
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	p.muvpnd.Stderr = w
	err = p.muvpnd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return err
	}
	go func() {
		defer r.Close()
		p.trace.read(r)
	}()
	return nil
}

// importProfile waits until muvpnd is there and gives it the profile.
func (p *pair) importProfile(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		c, err := client.Dial(ctx, p.socket())
		if err == nil {
			defer c.Close()
			_, err = c.Import(ctx, client.Import{
				Plain: fmt.Appendf(nil, profileFile, p.ike, p.natt), Source: "plain TOML",
				Accept: []client.Consent{client.ConsentNew, client.ConsentLegacy},
			})
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-p.trace.ended:
			return errors.New("muvpnd has ended: " + p.trace.said())
		case <-ctx.Done():
			return err
		}
	}
}

// end ends a process: asked politely, then, after ten seconds, not.
func end(c *exec.Cmd, how syscall.Signal) {
	if c == nil || c.Process == nil {
		return
	}
	c.Process.Signal(how)
	kill := time.AfterFunc(10*time.Second, func() { c.Process.Kill() })
	defer kill.Stop()
	c.Wait()
}

// stop ends both.
func (p *pair) stop() {
	end(p.muvpnd, syscall.SIGTERM)
	end(p.gateway, syscall.SIGTERM)
}

// stacks ends muvpnd and is what all of its goroutines were doing.
func (p *pair) stacks() string {
	end(p.muvpnd, syscall.SIGQUIT)
	<-p.trace.ended
	said := p.trace.said()
	if i := strings.Index(said, "SIGQUIT: quit"); i >= 0 {
		return said[i:]
	}
	return said
}
