package tray

import (
	"context"
	"fmt"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// watcher is who keeps the icons of a panel, by the specification of
// StatusNotifierItem.
const watcher = "org.kde.StatusNotifierWatcher"

// Host says that the desktop has a place for the icon. Stock GNOME has none, and
// says so to nobody who does not ask.
func Host(ctx context.Context) bool {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return false
	}
	defer conn.Close()
	var here bool
	err = conn.Object(watcher, "/StatusNotifierWatcher").CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
		dbus.FlagNoAutoStart, watcher, "IsStatusNotifierHostRegistered").Store(&here)
	return err == nil && here
}

// atDesktop finds the desktop's bus, which systray uses, too, and ends the tray
// with it.
func atDesktop(end context.CancelFunc) error {
	conn, err := dbus.SessionBus()
	if err != nil {
		return fmt.Errorf("there is no desktop to show an icon on, as there is no D-Bus of a login session: %w", err)
	}
	context.AfterFunc(conn.Context(), end)
	return nil
}

// prepare gives what systray must have before it begins.
func (p *icons) prepare() {
	systray.SetTitle("muvpn")
	if picture, err := icon(quiet); err == nil {
		systray.SetIcon(picture)
	}
}

// icon is a sign as systray takes it here.
func icon(s Sign) ([]byte, error) { return picture(s) }
