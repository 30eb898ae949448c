package service

import (
	"context"
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
	<-ctx.Done()
	return nil
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
func (r *rig) lookForPortal(ctx context.Context, _ netip.Addr, _ []string) bool {
	if r.probing > 0 {
		select {
		case <-time.After(r.probing):
		case <-ctx.Done():
		}
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.probes++
	return r.portal
}
