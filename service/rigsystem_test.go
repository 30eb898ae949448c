package service

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing/synctest"
	"time"

	"muvpn/service/sysbus"
)

// watchSystem hears what the test says.
func (r *rig) watchSystem(ctx context.Context, tell func(sysbus.Event)) error {
	r.telling.Lock()
	r.tell = tell
	r.telling.Unlock()
	select {
	case err := <-r.noBus:
		return err
	case <-ctx.Done():
		return nil
	}
}

// fails has the message bus end, and says whether it was listened to.
func (r *rig) fails() bool {
	r.t.Helper()
	synctest.Wait()
	select {
	case r.noBus <- errors.New("no bus"):
	default:
		return false
	}
	synctest.Wait()
	return true
}

// hears has the system say something, and waits until it was dealt with.
func (r *rig) hears(events ...sysbus.Event) {
	r.t.Helper()
	synctest.Wait()
	r.telling.Lock()
	tell := r.tell
	r.telling.Unlock()
	for _, e := range events {
		tell(e)
	}
	synctest.Wait()
}

// lookForPortal finds what the test says.
func (r *rig) lookForPortal(ctx context.Context, gateway netip.Addr, own []string) bool {
	if r.probing > 0 {
		select {
		case <-time.After(r.probing):
		case <-ctx.Done():
		}
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.probes++
	r.probed = fmt.Sprint(gateway, own)
	return r.portal
}
