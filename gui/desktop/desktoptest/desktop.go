//go:build linux

package desktoptest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// Desktop is a session bus and who is on it.
type Desktop struct {
	// Bus is a connection of the desktop's own.
	Bus *dbus.Conn
	// Items are the names on the bus of those who have put an icon into the
	// panel; Notices are the notifications.
	Items   chan string
	Notices chan Notice

	last atomic.Uint32
}

// Notice is a notification as it came.
type Notice struct {
	ID, Replaces uint32
	Title, Text  string
	Actions      []string
	Stay         int32 // milliseconds; 0: until it was seen, -1: as usual
}

// config is that of a session bus which starts nothing: a portal that is installed
// on the computer has no say here.
const config = `<busconfig>
<type>session</type>
<listen>unix:tmpdir=/tmp</listen>
<auth>EXTERNAL</auth>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/>
<allow own="*"/>
</policy>
</busconfig>
`

// Start starts a session bus, and makes it that of this program and of those that
// it starts. A machine without dbus-daemon skips the test.
func Start(t testing.TB) *Desktop {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("skipped: dbus-daemon is not installed (Debian package dbus-daemon)")
	}
	file := filepath.Join(t.TempDir(), "session.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(daemon, "--config-file="+file, "--nofork", "--nopidfile", "--print-address")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // when the test is killed
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("dbus-daemon did not say its address: ", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	d := &Desktop{Items: make(chan string, 100), Notices: make(chan Notice, 100)}
	if d.Bus, err = dbus.Connect(strings.TrimSpace(address)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Bus.Close() })
	return d
}

// offer puts something on the bus under a name.
func (d *Desktop) offer(t testing.TB, what any, object, face, name string) {
	t.Helper()
	err := d.Bus.Export(what, dbus.ObjectPath(object), face)
	if err == nil {
		_, err = d.Bus.RequestName(name, dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Panel is a panel with a place for icons.
func (d *Desktop) Panel(t testing.TB) {
	t.Helper()
	const name, object = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
	_, err := prop.Export(d.Bus, object, prop.Map{name: {"IsStatusNotifierHostRegistered": {Value: true}}})
	if err != nil {
		t.Fatal(err)
	}
	d.offer(t, watcher{d}, object, name, name)
}

type watcher struct{ d *Desktop }

// RegisterStatusNotifierItem takes an icon in.
func (w watcher) RegisterStatusNotifierItem(_ string, from dbus.Sender) *dbus.Error {
	w.d.Items <- string(from)
	return nil
}

// Bell is a notification server that knows markup.
func (d *Desktop) Bell(t testing.TB) {
	t.Helper()
	d.offer(t, bell{d}, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "org.freedesktop.Notifications")
}

type bell struct{ d *Desktop }

// GetCapabilities says what the server can.
func (bell) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"body", "body-markup", "actions"}, nil
}

// Notify takes a notification.
func (b bell) Notify(_ string, replaces uint32, _, title, text string, actions []string, _ map[string]dbus.Variant, stay int32) (uint32, *dbus.Error) {
	id := replaces
	if id == 0 {
		id = b.d.last.Add(1)
	}
	b.d.Notices <- Notice{id, replaces, title, text, actions, stay}
	return id, nil
}

// Click is what the server tells when the user has clicked on a notification.
func (d *Desktop) Click(t testing.TB, id uint32) {
	t.Helper()
	if err := d.Bus.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked", id, "default"); err != nil {
		t.Fatal(err)
	}
}

// Portal is a settings portal that says how large texts are, after a while.
func (d *Desktop) Portal(t testing.TB, scale any, after time.Duration) {
	t.Helper()
	d.offer(t, portal{scale, after}, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings", "org.freedesktop.portal.Desktop")
}

type portal struct {
	scale any
	after time.Duration
}

// Read is the portal's old method: its answer is a variant in a variant.
func (p portal) Read(space, key string) (dbus.Variant, *dbus.Error) {
	time.Sleep(p.after)
	if space != "org.gnome.desktop.interface" || key != "text-scaling-factor" {
		return dbus.Variant{}, dbus.MakeFailedError(dbus.ErrMsgNoObject)
	}
	return dbus.MakeVariant(dbus.MakeVariant(p.scale)), nil
}

// Rescale is what the portal tells when the user has changed the size of texts.
func (d *Desktop) Rescale(t testing.TB, scale float64) {
	t.Helper()
	err := d.Bus.Emit("/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings.SettingChanged",
		"org.gnome.desktop.interface", "text-scaling-factor", dbus.MakeVariant(scale))
	if err != nil {
		t.Fatal(err)
	}
}
