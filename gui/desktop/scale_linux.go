package desktop

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// The settings portal, and where GNOME has the size of texts in it. Other
// desktops either follow or do without.
const (
	portal     = "org.freedesktop.portal.Desktop"
	portalPath = "/org/freedesktop/portal/desktop"
	settings   = "org.freedesktop.portal.Settings"
	scaleSpace = "org.gnome.desktop.interface"
	scaleKey   = "text-scaling-factor"
)

// TextScale is how large the user wants texts: 1 is usual. Where the desktop does
// not say it, or not before the context ends, it is 1.
func TextScale(ctx context.Context) float32 {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return 1
	}
	defer conn.Close()
	return askScale(ctx, conn)
}

// askScale asks by the portal's old method, which every version has: a variant
// in a variant.
func askScale(ctx context.Context, conn *dbus.Conn) float32 {
	var v dbus.Variant
	call := conn.Object(portal, portalPath).CallWithContext(ctx, settings+".Read", 0, scaleSpace, scaleKey)
	if call.Store(&v) != nil {
		return 1
	}
	return scaleOf(v)
}

func scaleOf(v dbus.Variant) float32 {
	for range 2 {
		if inner, ok := v.Value().(dbus.Variant); ok {
			v = inner
		}
	}
	scale, _ := v.Value().(float64)
	return bounded(scale)
}

// WatchTextScale calls changed with each new size of texts, until the context
// ends.
func WatchTextScale(ctx context.Context, changed func(float32)) {
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(portal), dbus.WithMatchObjectPath(portalPath),
		dbus.WithMatchInterface(settings), dbus.WithMatchMember("SettingChanged"), dbus.WithMatchArg(0, scaleSpace))
	if err != nil {
		conn.Close()
		return
	}
	go func() {
		defer conn.Close()
		for s := range signals {
			if len(s.Body) == 3 && s.Body[0] == scaleSpace && s.Body[1] == scaleKey {
				if v, ok := s.Body[2].(dbus.Variant); ok {
					changed(scaleOf(v))
				}
			}
		}
	}()
}
