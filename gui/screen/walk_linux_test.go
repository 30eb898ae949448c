package screen

import (
	"bytes"
	"encoding/json"
	"image"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muvpn/assets"
	"muvpn/client"
	"muvpn/gui/tray"
)

func TestMain(m *testing.M) { Alone(m) }

// office is a gateway, a service without privileges, and a window.
type office struct {
	*Screen
	socket  string
	gateway *Program
	window  *Program
}

func open(t *testing.T, d Desk) *office {
	if os.Getenv("MUVPN_SCREEN") == "" {
		t.Skip("needs an X server and root: make screen")
	}
	o := &office{Screen: Open(t, d)}
	o.socket = filepath.Join(o.dir, "muvpnd.sock")
	for _, name := range []string{"gateway.toml", "lisa.exp"} {
		text, err := assets.Samples.ReadFile("samples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		o.write(name, string(text))
	}
	o.env = append(o.env, "MUVPN_SOCKET="+o.socket)
	o.gateway = o.Start(program("muvpn-testgw"), "run", "--config", "gateway.toml", "--log", "gateway.log")
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
	o.stands(words, shown(now)...)
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

// stands says that all of this is on the screen.
func (o *office) stands(words []Word, phrases ...string) {
	o.t.Helper()
	for _, phrase := range phrases {
		if _, found := Find(words, phrase); !found {
			o.t.Errorf("the screen does not say %q: %s", phrase, Text(words))
		}
	}
}

// scene opens the office for a test with pictures in a folder of its own: the walk
// takes away those of its last run.
func scene(t *testing.T, d Desk) *office {
	o := open(t, d)
	o.pictures = filepath.Join(Pictures+"-scenes", t.Name())
	if err := os.RemoveAll(o.pictures); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestWalk is a day of lisa's: she opens the file that her administrator sent,
// connects, loses the network, gets it back, sends the log, and goes home.
func TestWalk(t *testing.T) {
	if os.Getenv("MUVPN_SCREEN") == "" {
		t.Skip("needs an X server and root: make screen")
	}
	if err := os.RemoveAll(Pictures); err != nil { // those of the last walk
		t.Fatal(err)
	}
	o := open(t, Desk{})
	o.AwaitTray()
	o.window = o.Start(program("muvpn-gui"), "lisa.exp")
	o.imports()

	o.moment("idle", client.Disconnected, "Disconnected")
	o.Click("Connect")
	o.moment("connected", client.Connected, "Connected")
	o.Keep("connected")

	o.Cut(true)
	o.Until("the loss is noticed", func() bool { o.visit(); return o.status().State == client.Reconnecting })
	o.moment("lost", client.Reconnecting, "Reconnecting")
	o.Keep("lost")
	o.Cut(false)
	o.moment("back", client.Connected, "Connected")

	o.settings()
	o.sends()
	o.tray()
	o.Click("Disconnect")
	o.moment("disconnected", client.Disconnected, "Disconnected")
	o.isRefused()
	o.quits()
}

// imports types a wrong passphrase and then the right one, reads what is in the
// file, agrees to what is asked, and imports.
func (o *office) imports() {
	o.t.Helper()
	o.See("The profile is locked.")
	o.Type("wrong-passphrase")
	o.Press("Return")
	o.See("Wrong passphrase,")
	o.Picture("wrong-passphrase")
	o.Keep("passphrase")
	o.Type("correct-horse-battery")
	o.Press("Return")
	words := o.See("Yes, trust this signer")
	o.Picture("preview")
	o.stands(words, "Office", "192.168.10.201", "192.168.10.0/24", "127.0.0.1", "Broken")
	o.Click("Yes, trust this signer")
	o.Press("Return") // goes to what is still to be agreed to
	o.Click("Yes, allow broken cryptography")
	o.Picture("agreed")
	o.Keep("preview")
	o.Press("Return")
}

// settings opens them.
func (o *office) settings() {
	o.t.Helper()
	o.Press("ctrl+comma")
	o.See("Start at login")
	o.Keep("settings")
	o.Press("Escape")
	o.Until("the keys go to the main window", func() bool {
		name, _ := o.Run("xdotool", "getactivewindow", "getwindowname")
		return strings.TrimSpace(name) == "Mobile User VPN"
	})
}

// sends looks at the message for the support, and has it opened. Whether there is
// a mail program or none, the message is a file that can be sent.
func (o *office) sends() {
	o.t.Helper()
	o.Press("ctrl+e")
	o.See("helpdesk@example.com")
	o.Picture("message")
	o.Keep("message")
	o.Click("Open in mail program")
	var files []string
	o.Until("the message is a file", func() bool {
		files, _ = filepath.Glob(filepath.Join(o.dir, "home/Downloads/*.eml"))
		return len(files) == 1
	})
	o.See("mail program")
	o.Picture("sent")
	o.Press("Return")
	text, err := os.ReadFile(files[0])
	if err != nil {
		o.t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil || !strings.Contains(m.Header.Get("To"), "helpdesk@example.com") || m.Header.Get("X-Unsent") != "1" {
		o.t.Errorf("%s is no message to the support: %v", text, err)
	}
}

// tray opens the menu of the icon in the panel.
func (o *office) tray() {
	o.t.Helper()
	icon := o.TrayIcon(tray.Look(tray.Seen{Status: o.status()}))
	o.RightClick(icon.Min.Add(icon.Max).Div(2))
	menu, _ := Find(o.See("Quit and stay connected"), "Quit and stay connected")
	o.Picture("tray")
	const indent, rim = 28, 12 // of the menu around its last line
	o.KeepPart("tray", image.Rect(menu.Min.X-indent, 0, menu.Max.X+indent, menu.Max.Y+rim))
	o.Press("Escape")
	o.Until("the menu is closed", func() bool {
		_, open := Find(o.Read(channels[0]), "Quit and stay connected")
		return !open
	})
}

// isRefused connects when the gateway has another key, as after a change of which
// nobody has told lisa. Her window is as high as all of what it says, and moved
// out of the notification's way.
func (o *office) isRefused() {
	o.t.Helper()
	o.gateway.End()
	text, err := os.ReadFile(filepath.Join(o.dir, "gateway.toml"))
	if err != nil {
		o.t.Fatal(err)
	}
	o.write("gateway.toml", strings.Replace(string(text), "sample-psk-for-lisa", "another-key", 1))
	o.gateway = o.Start(program("muvpn-testgw"), "run", "--config", "gateway.toml", "--log", "gateway.log")
	o.Must("xdotool", "getactivewindow", "windowmove", "--sync", "60", "40", "windowsize", "--sync", "760", "700")
	o.Click("Connect")
	o.moment("failed", client.Failed, "Not connected")
	o.Keep("failed")
}

// quits closes the window: that ends it, while its icon stays in the panel.
func (o *office) quits() {
	o.t.Helper()
	o.Press("alt+F4")
	o.Until("the window has ended", o.window.Ended)
	o.TrayIcon(tray.Look(tray.Seen{Status: o.status()}))
	o.Picture("closed")
}
