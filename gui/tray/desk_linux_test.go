package tray

import (
	"strings"
	"testing"

	"muvpn/gui/desktop/desktoptest"
)

func TestHost(t *testing.T) {
	d := desktoptest.Start(t)
	if Host(t.Context()) {
		t.Error("a desktop without a panel has a place for icons")
	}
	d.Panel(t)
	if !Host(t.Context()) {
		t.Error("a panel has none")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	if Host(t.Context()) {
		t.Error("no bus has one")
	}
}

// One notification takes the place of the one before it, gateways write no
// markup, and a click on ours, and only on ours, opens the window.
func TestBell(t *testing.T) {
	d := desktoptest.Start(t)
	d.Bell(t)
	opened := make(chan bool, 10)
	b := newBell(t.Context(), func() { opened <- true })
	defer b.close()
	b.ring(News{Title: "Connected: Lisa"})
	first := <-d.Notices
	if first.Title != "Connected: Lisa" || first.Stay != -1 || first.Replaces != 0 {
		t.Errorf("%+v", first)
	}
	b.ring(News{"Lisa waits", `<a href="http://x">you & me</a>` + strings.Repeat("x", 1000), true})
	second := <-d.Notices
	if second.Replaces != first.ID || second.Stay != 0 || len(second.Text) > 2*maxText ||
		!strings.HasPrefix(second.Text, `&lt;a href="http://x"&gt;you &amp; me&lt;/a&gt;`) {
		t.Errorf("%+v", second)
	}
	d.Click(t, second.ID+7)
	d.Click(t, second.ID)
	<-opened
	if len(opened) > 0 {
		t.Error("a click on another's notification opened the window")
	}
}

// A desktop that takes no notifications is no fault.
func TestNoBell(t *testing.T) {
	desktoptest.Start(t)
	b := newBell(t.Context(), nil)
	b.ring(News{Title: "Connected: Lisa"})
	b.close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	b = newBell(t.Context(), nil)
	b.ring(News{Title: "Connected: Lisa"})
	b.close()
}
