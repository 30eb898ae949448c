package sysbus

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// constrained is NetworkConnectivityLevelHintConstrainedInternetAccess: the
// network indicator has met a captive portal.
const constrained = 4

// hint is NL_NETWORK_CONNECTIVITY_HINT.
type hint struct {
	level, cost                         int32
	nearLimit, overLimit, roaming, none bool
}

// Watch tells what Windows thinks of the network until ctx ends; Windows has
// known of this since 2004. It does not tell a service of logins here, and of a
// sleep netcfg learns by the clock. address means nothing.
func Watch(ctx context.Context, _ string, tell func(Event)) error {
	tell(NoLogins{})
	library := windows.NewLazySystemDLL("iphlpapi.dll")
	get, notify, cancel := library.NewProc("GetNetworkConnectivityHint"), library.NewProc("NotifyNetworkConnectivityHintChange"), library.NewProc("CancelMibChangeNotify2")
	for _, p := range []*windows.LazyProc{get, notify, cancel} {
		if err := p.Find(); err != nil {
			return fmt.Errorf("sysbus: %w", err)
		}
	}
	news := make(chan struct{}, 1)
	// The hint itself is an argument whose form differs between processors: it is
	// asked for instead.
	changed := windows.NewCallback(func(_, _, _ uintptr) uintptr {
		select {
		case news <- struct{}{}:
		default: // it is about to look
		}
		return 0
	})
	var handle windows.Handle
	if code, _, _ := notify.Call(changed, 0, 1, uintptr(unsafe.Pointer(&handle))); code != 0 {
		return fmt.Errorf("sysbus: NotifyNetworkConnectivityHintChange: %w", windows.Errno(code))
	}
	defer cancel.Call(uintptr(handle))
	for told := Unknown; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-news:
		}
		if now := access(get); now != told {
			told = now
			tell(Network{Access: now})
		}
	}
}

// access asks what Windows thinks.
func access(get *windows.LazyProc) Access {
	var h hint
	code, _, _ := get.Call(uintptr(unsafe.Pointer(&h)))
	switch {
	case code != 0 || h.level == 0:
		return Unknown
	case h.level == constrained:
		return Portal
	}
	return Open
}
