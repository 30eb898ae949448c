package sysbus

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// portal is NetworkManager's NM_CONNECTIVITY_PORTAL. What it holds of a network
// that it does not check, by the distribution's choice, is worth nothing: only
// this value and a change from it count.
const portal = 2

// lookAtNetwork tells what NetworkManager thinks, if that is news. It is not
// started, and one that does not run thinks nothing.
func (w *watcher) lookAtNetwork(ctx context.Context) {
	now := w.askNetwork(ctx)
	if now != w.access {
		w.access = now
		w.tell(Network{Access: now})
	}
}

func (w *watcher) askNetwork(ctx context.Context) Access {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var v dbus.Variant
	err := w.bus.Object(networkName, networkObject).CallWithContext(ctx, propertiesOf+".Get", dbus.FlagNoAutoStart, networkName, "Connectivity").Store(&v)
	level, known := v.Value().(uint32)
	switch {
	case err != nil || !known || level == 0:
		return Unknown
	case level == portal:
		return Portal
	}
	return Open
}
