package netcfg

import (
	"context"
	"fmt"

	"golang.zx2c4.com/wireguard/windows/tunnel/winipcfg"
)

// Watch tells what happens to the computer until ctx ends, on its caller's
// goroutine. It returns an error when the system does not let itself be
// watched, and nil when ctx ends.
func Watch(ctx context.Context, tell func(Event)) error {
	news := make(chan struct{}, 1)
	stop, err := subscribe(func() {
		select {
		case news <- struct{}{}:
		default: // it is about to look
		}
	})
	if err != nil {
		return fmt.Errorf("netcfg: watching the network: %w", err)
	}
	defer stop()
	return tellSettled(ctx, news, tell)
}

// subscribe has changed called for everything that changes, on threads of the
// system, until stop is called.
func subscribe(changed func()) (stop func(), err error) {
	var all []interface{ Unregister() error }
	stop = func() {
		for _, callback := range all {
			callback.Unregister()
		}
	}
	links, err := winipcfg.RegisterInterfaceChangeCallback(
		func(winipcfg.MibNotificationType, *winipcfg.MibIPInterfaceRow) { changed() })
	if err != nil {
		return stop, err
	}
	all = append(all, links)
	addresses, err := winipcfg.RegisterUnicastAddressChangeCallback(
		func(winipcfg.MibNotificationType, *winipcfg.MibUnicastIPAddressRow) { changed() })
	if err != nil {
		stop()
		return stop, err
	}
	all = append(all, addresses)
	routes, err := winipcfg.RegisterRouteChangeCallback(
		func(winipcfg.MibNotificationType, *winipcfg.MibIPforwardRow2) { changed() })
	if err != nil {
		stop()
		return stop, err
	}
	all = append(all, routes)
	return stop, nil
}
