package systemd

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// What NetworkManager is told of the machine's network, and where to look
// whether it leads anywhere.
const (
	online     = "NetworkManager is online\n"
	checkPath  = "/check"
	checkConf  = "[connectivity]\nenabled=true\ninterval=300\nuri=http://198.51.100.1" + checkPath + "\nresponse=" + online
	connection = `[connection]
id=own
type=ethernet
interface-name=host0
[ipv4]
method=manual
address1=198.51.100.2/24,198.51.100.1
dns=198.51.100.1;
[ipv6]
method=link-local
`
)

// hotel is a network that wants its guests to sign in first: until then it
// answers web requests itself, and swallows everything else.
type hotel struct {
	mu      sync.Mutex
	open    bool
	strange []string // what was asked for and is not NetworkManager's check
}

// ServeHTTP answers whoever asks, for whatever site.
func (h *hotel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.URL.Path != checkPath {
		h.strange = append(h.strange, r.Host+r.URL.Path)
	}
	if !h.open {
		http.Redirect(w, r, "http://hotel.example.net/", http.StatusFound)
		return
	}
	io.WriteString(w, online)
}

// opens lets everybody out.
func (h *hotel) opens() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = true
}

// asked is what somebody else than NetworkManager has asked for.
func (h *hotel) asked() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.strange
}

// portal is muvpnd on a machine of NetworkManager's in a hotel: it says what
// NetworkManager knows, leaves the portal alone, and is connected by itself as soon
// as the guest has signed in.
func portal(t *testing.T, m *machine, programs string) {
	h := &hotel{}
	m.serves(h)
	signIn := m.swallows()
	c := m.boot(t)
	c.networkManager()
	c.installs(programs)
	c.imports(1, "impatient", "give_up = \"1s\"\n"+split) // or the pauses would be long in coming
	before := c.snapshot()
	c.plays(t,
		scene{"NetworkManager knows of a captive portal, and muvpn says so", func(t *testing.T, c *container) { said(t, c, h) }},
		scene{"the guest signs in, and is connected", func(t *testing.T, c *container) {
			c.pauses()
			signIn()
			m.gateway(programs)
			h.opens()
			signedIn(t, c)
		}},
		scene{"NetworkManager sets its own names anew, and takes none away", namesBeside},
		scene{"disconnected, the network is as it was", func(t *testing.T, c *container) {
			c.must("muvpn", "down")
			c.asBefore(before, "after the connection")
		}},
	)
}

// serves has h answer on port 80 of every address outside.
func (m *machine) serves(h http.Handler) {
	m.t.Helper()
	listener, err := m.outside.Listen("tcp4", ":80")
	if err != nil {
		m.t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	m.t.Cleanup(func() { server.Close() })
	go server.Serve(listener)
}

// swallows has the gateway's ports answer nothing, not even that nobody listens
// there, until the function that it returns.
func (m *machine) swallows() (end func()) {
	m.t.Helper()
	var ends []func() error
	for _, port := range []string{":500", ":4500"} {
		socket, err := m.outside.ListenPacket("udp4", gatewayAddr.Addr().String()+port)
		if err != nil {
			m.t.Fatal(err)
		}
		m.t.Cleanup(func() { socket.Close() })
		ends = append(ends, socket.Close)
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}

// networkManager has NetworkManager run the machine's link, and systemd-resolved
// answer names.
func (c *container) networkManager() {
	c.t.Helper()
	c.writes("/etc/NetworkManager/conf.d/check.conf", checkConf, "644")
	c.writes("/etc/NetworkManager/system-connections/own.nmconnection", connection, "600")
	c.must("ln", "-sf", "../run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf")
	c.must("systemctl", "--quiet", "enable", "--now", "systemd-resolved", "NetworkManager")
	c.await("on the network by NetworkManager", time.Minute, func() bool {
		said, _ := c.try("", "nmcli", "--get-values", "GENERAL.STATE", "device", "show", ownEnd)
		return strings.HasPrefix(said, "100 ")
	})
}

// said: the reason names the portal, in the status and in the log, and nobody
// but NetworkManager has asked anything of it.
func said(t *testing.T, c *container, h *hotel) {
	c.await("told of the portal by NetworkManager", time.Minute, func() bool {
		level, _ := c.try("", "nmcli", "networking", "connectivity")
		return level == "portal"
	})
	w := c.watches()
	if _, err := w.Up(t.Context(), client.Up{Profile: "impatient"}); err != nil {
		t.Fatal(err)
	}
	err := lab.WaitFor(2*time.Minute, func() error {
		if s := w.Latest(); !strings.Contains(s.Seen, reason.Portal) || s.Side != reason.Network {
			return fmt.Errorf("the service is %s (%s), %s: %q", s.State, s.Step, s.Side, s.Seen)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, c.log())
	}
	for _, words := range []string{c.must("muvpn", "status"), c.must("muvpn", "log")} {
		if !strings.Contains(words, reason.Portal) {
			t.Errorf("nothing of %q in\n%s", reason.Portal, words)
		}
	}
	if asked := h.asked(); len(asked) > 0 {
		t.Errorf("the portal was asked for %q", asked)
	}
}

// pauses waits until muvpnd waits for long before it tries again.
func (c *container) pauses() {
	c.t.Helper()
	w := c.watches()
	err := lab.WaitFor(2*time.Minute, func() error {
		s := w.Latest()
		if s.RetryAt == nil || time.Until(*s.RetryAt) < 14*time.Second {
			return fmt.Errorf("the service is %s (%s), to try again at %v", s.State, s.Step, s.RetryAt)
		}
		if want := reason.Portal + ": open a web browser"; s.Step != want {
			c.t.Errorf("it says %q, want %q", s.Step, want)
		}
		return nil
	})
	if err != nil {
		c.t.Fatalf("%v\n%s", err, c.log())
	}
}

// signedIn: NetworkManager looks again and tells, which ends the pause.
func signedIn(t *testing.T, c *container) {
	if level := c.must("nmcli", "networking", "connectivity", "check"); level != "full" {
		t.Errorf("NetworkManager says %s", level)
	}
	if err := c.watches().Until(client.Connected, time.Minute); err != nil {
		t.Fatalf("%v\n%s", err, c.log())
	}
	if log := c.must("muvpn", "log"); !strings.Contains(log, "the network has let this computer in") {
		t.Errorf("the log is\n%s", log)
	}
	if page := c.page(); !strings.Contains(page, "You have come from 192.168.10.201") {
		t.Errorf("the page is %q", page)
	}
}

// namesBeside: what systemd-resolved has of ours is not NetworkManager's to take.
func namesBeside(t *testing.T, c *container) {
	c.must("nmcli", "general", "reload", "dns-full")
	c.must("nmcli", "device", "reapply", ownEnd)
	text := c.must("sh", "-c", resolvectlOfOurs)
	if lack := missing(text, "dns 192.168.10.2", "domain office.example.com", "default-route no"); len(lack) > 0 {
		t.Errorf("systemd-resolved has for the tunnel\n%s\nwithout %q", text, lack)
	}
}
