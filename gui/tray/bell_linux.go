package tray

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/godbus/dbus/v5"
)

// The desktop's notifications, by the Desktop Notifications Specification.
const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = "/org/freedesktop/Notifications"
)

// messages rings over D-Bus. Each notification takes the place of the one before
// it, so that a bad line leaves one and not twenty.
type messages struct {
	ctx    context.Context
	conn   *dbus.Conn // nil: there is no bus
	open   func()     // when it was clicked; nil: it cannot be
	markup bool       // the text is markup
	last   atomic.Uint32
	clicks chan *dbus.Signal
}

func newRinger(ctx context.Context, open func()) ringer {
	m := &messages{ctx: ctx, open: open, clicks: make(chan *dbus.Signal, 8)}
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return m
	}
	m.conn = conn
	var can []string
	if m.call("GetCapabilities").Store(&can) == nil {
		m.markup = slices.Contains(can, "body-markup")
	}
	if open != nil {
		conn.Signal(m.clicks)
		conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(notifyName), dbus.WithMatchMember("ActionInvoked"), dbus.WithMatchObjectPath(notifyPath))
		go m.clicked()
	}
	return m
}

// defaultAction is that of a click on the notification itself.
const defaultAction = "default"

// clicked opens the window when the user has clicked on what we told: some
// servers tell everybody of the clicks on everything.
func (m *messages) clicked() {
	for s := range m.clicks {
		if len(s.Body) == 2 && s.Body[0] == m.last.Load() && s.Body[1] == defaultAction {
			m.open()
		}
	}
}

func (m *messages) call(method string, args ...any) *dbus.Call {
	return m.conn.Object(notifyName, notifyPath).CallWithContext(m.ctx, notifyName+"."+method, 0, args...)
}

func (m *messages) ring(n News) {
	if m.conn == nil {
		return
	}
	text, stay, actions := n.Text, int32(-1), []string{}
	if m.markup {
		text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	}
	if n.Urgent {
		stay = 0
	}
	if m.open != nil {
		actions = []string{defaultAction, "muvpn"}
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("muvpn")}
	var id uint32
	if m.call("Notify", "muvpn", m.last.Load(), "network-vpn", n.Title, text, actions, hints, stay).Store(&id) == nil {
		m.last.Store(id)
	}
}

func (m *messages) close() {
	if m.conn != nil {
		m.conn.Close()
	}
}
