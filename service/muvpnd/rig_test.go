package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/tunnel/gateway/server"
)

// psk is the secret of these tests, which must not be found anywhere.
const psk = "Hn4-secret-kQ7vTz2LpXw9"

// gatewayFile is a Firebox of today with a user lisa.
const gatewayFile = `
listen    = "127.0.0.1"
ike_port  = 1
natt_port = 2
raw_esp   = false
networks  = ["192.168.10.0/24"]
[[users]]
name       = "lisa"
id         = { type = "user_fqdn", value = "lisa" }
psk        = "` + psk + `"
virtual_ip = "192.168.10.201"
[phase1]
exchanges = ["aggressive"]
proposals = ["aes128-sha1-modp1024"]
natt      = ["rfc3947"]
[phase2]
proposals = ["aes128-sha1"]
[lan]
device    = "netstack"
address   = "192.168.10.2/24"
file_size = "1MB"
`

// profileFile is the profile that goes with it.
const profileFile = `
name = "Office"
[gateway]
addresses = ["127.0.0.1"]
ike_port = IKE
natt_port = NATT
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { value = "` + psk + `" }
[ike]
exchange = "aggressive"
proposals = ["aes128-sha1-modp1024"]
nat_traversal = "force"
give_up = "4s"
dpd = "1s"
[esp]
proposals = ["aes128-sha1"]
[network]
virtual_ip = { address = "192.168.10.201" }
networks = ["192.168.10.0/24"]
`

// edits are pairs: what stands in a file, and what to write there instead.
type edits []string

// startGateway starts a gateway on these ports; 0: free ones.
func startGateway(t *testing.T, ike, natt uint16, e edits) *server.Server {
	t.Helper()
	c, err := server.ParseConfig([]byte(e.apply(t, gatewayFile)))
	if err != nil {
		t.Fatal(err)
	}
	c.IKEPort, c.NATTPort = ike, natt
	g, err := server.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Kill() })
	return g
}

// apply makes the edits, each of which must fit.
func (e edits) apply(t *testing.T, text string) string {
	t.Helper()
	for i := 0; i+1 < len(e); i += 2 {
		if !strings.Contains(text, e[i]) {
			t.Fatalf("%q is not in the file", e[i])
		}
		text = strings.Replace(text, e[i], e[i+1], 1)
	}
	return text
}

// profileFor is the profile for a gateway at these ports.
func profileFor(t *testing.T, ike, natt uint16, e edits) string {
	t.Helper()
	return edits{"= IKE", fmt.Sprint("= ", ike), "= NATT", fmt.Sprint("= ", natt)}.apply(t, e.apply(t, profileFile))
}

// patient has a connection outlive the moments in which a busy machine does
// nothing else.
var patient = edits{`give_up = "4s"`, `give_up = "1m"`, `dpd = "1s"`, `dpd = "30s"`}

// syncBuffer is written by one goroutine and read by another.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// doorIn is where a muvpnd of a test is asked: a socket in its folder, or on
// Windows a pipe that is called by it.
func doorIn(dir, name string) string {
	if runtime.GOOS == "windows" {
		return `\\.\pipe\` + strings.NewReplacer(`\`, "-", ":", "").Replace(filepath.Join(dir, name))
	}
	return filepath.Join(dir, name)
}

// running is a muvpnd in this process.
type running struct {
	*client.Client
	t    *testing.T
	d    *daemon
	said *syncBuffer
	stop func() error
}

// start runs muvpnd --userspace until the test has ended.
func start(t *testing.T, dir string) *running {
	t.Helper()
	return startWith(t, dir, func(*daemon) {})
}

// startWith is start with a daemon that was changed.
func startWith(t *testing.T, dir string, change func(*daemon)) *running {
	t.Helper()
	r := &running{t: t, said: &syncBuffer{}}
	r.d = &daemon{state: filepath.Join(dir, "state"), socket: doorIn(dir, "s.sock"), userspace: true,
		proxy: netip.MustParseAddrPort("127.0.0.1:0"), err: r.said}
	change(r.d)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.d.run(ctx) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	for range 500 {
		var err error
		if r.Client, err = client.Dial(t.Context(), r.d.socket); err == nil {
			t.Cleanup(r.Close)
			return r
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("muvpnd has ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("muvpnd does not answer")
	return nil
}

// imported stores a profile.
func (r *running) imported(toml string) {
	r.t.Helper()
	_, err := r.Import(r.t.Context(), client.Import{Plain: []byte(toml), Source: "plain TOML",
		Accept: []client.Consent{client.ConsentNew, client.ConsentLegacy}})
	if err != nil {
		r.t.Fatal(err)
	}
}

// until follows the status until it is as wanted.
func (r *running) until(what string, wanted func(client.Status) bool) client.Status {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	var last client.Status
	for now, err := range r.Watch(ctx) {
		if err != nil {
			r.t.Fatal(err)
		}
		if last = now; wanted(now) {
			return now
		}
		if now.State == client.Failed {
			break
		}
	}
	r.t.Fatalf("it is not %s but %s (%s): %s %s\n%s", what, last.State, last.Step, last.Reason, last.Seen, r.log())
	return last
}

// connected connects.
func (r *running) connected() client.Status {
	r.t.Helper()
	if _, err := r.Up(r.t.Context(), client.Up{}); err != nil {
		r.t.Fatal(err)
	}
	return r.until("connected", is(client.Connected))
}

func is(s client.State) func(client.Status) bool {
	return func(now client.Status) bool { return now.State == s }
}

func because(c reason.Code) func(client.Status) bool {
	return func(now client.Status) bool { return now.State == client.Failed && now.Reason == c }
}

// log is the whole log.
func (r *running) log() string {
	r.t.Helper()
	in, err := r.Log(r.t.Context(), client.LogOptions{})
	if err != nil {
		return err.Error()
	}
	defer in.Close()
	b, _ := io.ReadAll(in)
	return string(b)
}

// fetch reads a page of the office through the HTTP proxy of the status.
func (r *running) fetch(now client.Status, page string) (string, error) {
	r.t.Helper()
	proxy, err := url.Parse(now.Proxy.HTTP)
	if err != nil {
		r.t.Fatal(err)
	}
	c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}}
	res, err := c.Get(page)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

// deaf is a UDP port where nobody answers.
func deaf(t *testing.T) uint16 {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}
