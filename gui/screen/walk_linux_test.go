package screen

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muvpn/assets"
	"muvpn/client"
)

func TestMain(m *testing.M) { Alone(m) }

// office is a gateway, a service without privileges, and a window.
type office struct {
	*Screen
	socket string
	window *Program
}

func open(t *testing.T) *office {
	if os.Getenv("MUVPN_SCREEN") == "" {
		t.Skip("needs an X server and root: make screen")
	}
	o := &office{Screen: Open(t)}
	o.socket = filepath.Join(o.dir, "muvpnd.sock")
	for _, name := range []string{"gateway.toml", "lisa.exp"} {
		text, err := assets.Samples.ReadFile("samples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		o.write(name, string(text))
	}
	o.env = append(o.env, "MUVPN_SOCKET="+o.socket)
	o.Start(program("muvpn-testgw"), "run", "--config", "gateway.toml", "--log", "gateway.log")
	o.Start(program("muvpnd"), "run", "--userspace", "--state", filepath.Join(o.dir, "state"), "--socket", o.socket)
	o.Until("muvpnd listens", func() bool { _, err := os.Stat(o.socket); return err == nil })
	return o
}

// program is one of those that the test is given.
func program(name string) string { return filepath.Join(os.Getenv("MUVPN_PROGRAMS"), name) }

// status is what the service says at this moment.
func (o *office) status() (s client.Status) {
	o.t.Helper()
	if err := json.Unmarshal([]byte(o.Must(program("muvpn"), "status", "--json")), &s); err != nil {
		o.t.Fatal(err)
	}
	return s
}

// moment keeps a picture beside what the service says, and holds what the window
// shows against that.
func (o *office) moment(name string, state client.State, word string) {
	o.t.Helper()
	var now client.Status
	o.Until("the service is "+string(state), func() bool { now = o.status(); return now.State == state })
	words := o.See(word)
	picture := o.Picture(name)
	said := o.Must(program("muvpn"), "status", "--json")
	if err := os.WriteFile(strings.TrimSuffix(picture, ".png")+".json", []byte(said), 0o644); err != nil {
		o.t.Fatal(err)
	}
	for _, fact := range shown(now) {
		if _, found := Find(words, fact); !found {
			o.t.Errorf("%s: the service says %q, the window does not: %s", name, fact, Text(words))
		}
	}
}

// shown are the facts of a status that the window must show.
func shown(s client.Status) []string {
	switch s.State {
	case client.Connected:
		return []string{s.Gateway, s.VirtualIP.String(), s.Networks[0].String(), "Broken"}
	case client.Failed:
		return []string{string(s.Reason)}
	}
	return nil
}

// visit asks for a page of the office, as somebody who works would; what comes of
// it does not matter.
func (o *office) visit() {
	through, err := url.Parse(o.status().Proxy.HTTP)
	if err != nil {
		o.t.Fatal(err)
	}
	browser := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(through), DisableKeepAlives: true}}
	if page, err := browser.Get("http://192.168.10.2/"); err == nil {
		page.Body.Close()
	}
}

func TestWalk(t *testing.T) {
	o := open(t)
	o.Must("sh", "-c", "echo correct-horse-battery | '"+program("muvpn")+"' import lisa.exp --passphrase-stdin --yes --legacy")
	o.window = o.Start(program("muvpn-gui"))
	o.moment("idle", client.Disconnected, "Disconnected")
	o.Click("Connect")
	o.moment("connected", client.Connected, "Connected")

	o.Cut(true)
	o.Until("the loss is noticed", func() bool { o.visit(); return o.status().State == client.Reconnecting })
	o.moment("lost", client.Reconnecting, "Reconnecting")
	o.Cut(false)
	o.moment("back", client.Connected, "Connected")
	o.Click("Disconnect")
	o.moment("disconnected", client.Disconnected, "Disconnected")
}
