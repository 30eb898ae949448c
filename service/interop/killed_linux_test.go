package interop

import (
	"muvpn/client"
	"muvpn/service/interop/lab"
)

// isKilledInEveryState kills muvpnd in each state while the kill switch is on:
// nothing leaks in the state, nor until the next start, nor after it, and the
// network is then as it was before the connection.
func (v *vigil) isKilledInEveryState() {
	v.Helper()
	r := &rampage{stage: v.stage}
	r.startsResolved(v.home.Names)
	for _, state := range client.States {
		v.isKilledIn(r, lab.Kill{State: state, Slow: state == client.Disconnecting})
	}
	r.watcher.Close()
}

// isKilledIn kills muvpnd once in that state: again when it had left it by then,
// as it cannot be held everywhere for as long as a busy machine may need.
func (v *vigil) isKilledIn(r *rampage, k lab.Kill) {
	v.Helper()
	for range 3 {
		before, what := r.isIn(k)
		v.leaksNothing(string(k.State))
		state := r.watcher.State()
		v.client.Kill()
		v.silentWithout("killed while " + string(state))
		r.recovers(k, before)
		v.isBlocking()
		if state == k.State {
			v.Logf("killed while %s; changed: %s", state, what)
			return
		}
	}
	v.Fatalf("%s does not last until muvpnd is killed", k.State)
}
