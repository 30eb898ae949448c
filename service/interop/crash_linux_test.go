package interop

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
	"muvpn/tunnel/netcfg/resolvedtest"
)

// kill is one of the many deaths of muvpnd.
type kill struct {
	state  client.State  // in which it is to be killed, or one of the ways below
	moment time.Duration // after the state was reached, or the way was begun
	names  lab.ResolvConf
}

// On these ways muvpnd is not held in any state: it is killed wherever it is.
const (
	goingUp   client.State = "going up"
	goingDown client.State = "going down"
)

// latest is how long after its beginning the kill may come. The way down is
// short.
func latest(state client.State) time.Duration {
	if state == goingDown {
		return 100 * time.Millisecond
	}
	return 600 * time.Millisecond
}

// planKills makes a plan of n kills out of a seed: every state as often as the
// others, in any order.
func planKills(seed uint64, n int) []kill {
	chance := rand.New(rand.NewPCG(seed, 0))
	states := append(slices.Clone(client.States), goingUp, goingDown)
	plan := make([]kill, n)
	for i := range plan {
		k := kill{state: states[i%len(states)], names: lab.ResolvConf(chance.IntN(lab.ResolvConfs))}
		k.moment = time.Duration(chance.Int64N(int64(latest(k.state))))
		if k.state == client.Disconnecting || k.state == client.Configuring && i%2 == 0 {
			k.names = lab.OwnStub // it is over in no time unless somebody is slow
		}
		plan[i] = k
	}
	chance.Shuffle(n, func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	return plan
}

// held says that muvpnd is held in a state.
func (k kill) held() bool { return k.state != goingUp && k.state != goingDown }

// String says the kill in words.
func (k kill) String() string {
	how := map[lab.ResolvConf]string{lab.OwnFile: "a file", lab.OwnLink: "a link", lab.OwnStub: "resolved's stub", lab.OwnSecret: "a file of mode 0640"}
	return fmt.Sprintf("%s, resolv.conf is %s, %v", k.state, how[k.names], k.moment.Round(time.Millisecond))
}

// changed is what must be changed, at the least, for the kill to show anything.
// Without a connection nothing is, and on the way it cannot be said what.
func (k kill) changed() []string {
	names := "file"
	if k.names == lab.OwnStub {
		names = "resolved"
	}
	switch k.state {
	case client.Resolving, client.Contacting, client.Authenticating:
		return []string{"link"}
	case client.Configuring:
		if k.names != lab.OwnStub {
			return []string{"link"} // held in Quick Mode, not while the network is set
		}
		return []string{"link", "address", "route", "nftables"}
	case client.Disconnecting:
		return []string{"link", "address", "route", "nftables"}
	case client.Connected, client.Reconnecting:
		return []string{"link", "address", "route", "nftables", names}
	}
	return nil
}

// rampage is a stage on which muvpnd is killed.
type rampage struct {
	*stage
	resolved *resolvedtest.Resolved
	servers  *lab.NameServer
	watcher  *lab.Watcher // of the muvpnd that runs
	killed   map[client.State]int
}

// killsEverywhere kills muvpnd in each state at random moments. Each time the
// next start gives back the network.
func killsEverywhere(s *stage) {
	seed, n := uint64(setting("MUVPN_SEED", time.Now().UnixNano())), int(setting("MUVPN_KILLS", 50))
	fmt.Printf("crash: %d kills, MUVPN_SEED=%d\n", n, seed)
	r := &rampage{stage: s, killed: map[client.State]int{}}
	r.begins()
	for i, k := range planKills(seed, n) {
		r.kills(i+1, k)
	}
	r.everyState(3, n)
}

// setting is a number in the environment.
func setting(name string, otherwise int64) int64 {
	n, err := strconv.ParseInt(os.Getenv(name), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// begins builds everything that is needed to hold muvpnd in any state.
func (r *rampage) begins() {
	r.Helper()
	c := fullTunnel
	c.main, c.named, c.nat = true, true, "force"
	r.must(r.lab.Network.OwnIPv6())
	r.must(r.lab.Network.OwnFirewall())
	r.startsGateway(c)
	var err error
	r.servers, err = r.lab.StartNameServer()
	r.must(err)
	r.startsClient(c)
	r.startsResolved()
}

// startsResolved gives the client's computer a systemd-resolved, which can be
// slow, and starts muvpnd again with it.
func (r *rampage) startsResolved() {
	r.Helper()
	r.resolved = resolvedtest.Start(r.T)
	r.client.UseResolved(r.resolved)
	r.must(r.client.Stop())
	r.starts()
}

// kills plays one kill, starts muvpnd again, and says that the network is as it
// was.
func (r *rampage) kills(i int, k kill) {
	r.Helper()
	before, what := r.isIn(k)
	time.Sleep(k.moment)
	state := r.watcher.State()
	r.client.Kill()
	r.killed[state]++
	r.Logf("kill %d: %v later, when it was %s; changed: %s", i, k, state, what)
	r.recovers(k, before)
}

// isIn brings muvpnd to where it is to be killed, and returns the network as it
// was before, and what of it is changed now.
func (r *rampage) isIn(k kill) (before lab.Snapshot, what string) {
	r.Helper()
	r.must(r.client.SetResolvConf(k.names))
	before = r.hostNetwork()
	if err := r.brings(k); err != nil {
		r.Fatalf("%v: %v", k, err)
	}
	return before, r.awaitsChanges(k, before)
}

// recovers starts muvpnd again, and says that the network is as it was.
func (r *rampage) recovers(k kill, before lab.Snapshot) {
	r.Helper()
	r.endsTrouble()
	r.starts()
	if differences, _ := r.hostNetwork().Differences(before); len(differences) > 0 {
		r.Fatalf("%v: after the next start the network is another:\n%s", k, strings.Join(differences, "\n"))
	}
}

// starts starts muvpnd, and waits until it does what it is asked: by then it has
// undone what it has found.
func (r *rampage) starts() {
	r.Helper()
	r.must(r.client.Start())
	if r.watcher != nil {
		r.watcher.Close()
	}
	var err error
	r.watcher, err = r.client.Watch()
	r.must(err)
	_, err = r.watcher.Down(context.Background())
	r.must(err)
}

// brings brings muvpnd into the state and holds it there.
func (r *rampage) brings(k kill) error {
	if k.state == client.Disconnected {
		return nil
	}
	if err := r.holds(k); err != nil {
		return err
	}
	if _, err := r.watcher.Up(context.Background(), client.Up{}); err != nil || k.state == goingUp {
		return err
	}
	if slices.Contains([]client.State{client.Reconnecting, client.Disconnecting, goingDown}, k.state) {
		if err := r.watcher.Until(client.Connected, connectLimit); err != nil {
			return err
		}
		if err := r.leaves(k.state); err != nil {
			return err
		}
	}
	if !k.held() {
		return nil
	}
	return r.watcher.Until(k.state, connectLimit)
}

// slow is how long a call to a slow systemd-resolved takes: three of them are
// within the time that muvpnd gives it.
const slow = 1500 * time.Millisecond

// holds makes the world such that muvpnd gets as far as the state of the kill.
func (r *rampage) holds(k kill) error {
	network := r.lab.Network
	switch k.state {
	case client.Resolving:
		r.servers.Mute(true)
	case client.Failed:
		r.servers.Tell(lab.GatewayName, netip.Addr{})
	case client.Contacting:
		return network.Trouble(lab.PlainIKE)
	case client.Authenticating:
		return network.Trouble(lab.LateMainMode)
	case client.Configuring:
		if k.names != lab.OwnStub {
			return network.Trouble(lab.QuickMode)
		}
		r.resolved.Slow(slow)
	}
	return nil
}

// leaves makes a connection one that is lost and does not come back, or that is
// ended slowly.
func (r *rampage) leaves(to client.State) error {
	if to != client.Reconnecting {
		if to == client.Disconnecting {
			r.resolved.Slow(3 * slow)
		}
		go r.watcher.Down(context.Background())
		return nil
	}
	if err := r.lab.Network.Trouble(lab.AllIKEAndESP); err != nil {
		return err
	}
	_, err := r.gateway.Swanctl("--terminate", "--ike", "lab")
	return err
}

// endsTrouble makes the world as it was.
func (r *rampage) endsTrouble() {
	r.Helper()
	r.servers.Mute(false)
	r.servers.Tell(lab.GatewayName, lab.GatewayAddr)
	r.resolved.Slow(0)
	r.must(r.lab.Network.Trouble())
}

// awaitsChanges says that everything is changed that must be, and nothing where
// nothing may be, and returns all that is.
func (r *rampage) awaitsChanges(k kill, before lab.Snapshot) (what string) {
	r.Helper()
	if !k.held() {
		return "whatever there was by then"
	}
	r.must(lab.WaitFor(10*time.Second, func() error {
		differences, of := r.hostNetwork().Differences(before)
		for _, kind := range k.changed() {
			if !of[kind] {
				return fmt.Errorf("%v: no %s is changed, so that the kill would show nothing", k, kind)
			}
		}
		if len(k.changed()) == 0 && len(differences) > 0 {
			return fmt.Errorf("%v: changed is\n%s", k, strings.Join(differences, "\n"))
		}
		what = cmp.Or(strings.Join(slices.Sorted(maps.Keys(of)), ", "), "nothing")
		return nil
	}))
	return what
}

// everyState says that every state has seen at least so many kills.
func (r *rampage) everyState(least, n int) {
	r.Helper()
	var counts []string
	for _, state := range client.States {
		counts = append(counts, fmt.Sprintf("%s %d", state, r.killed[state]))
		if r.killed[state] < least {
			r.Errorf("only %d kills in the state %s", r.killed[state], state)
		}
	}
	if !r.Failed() {
		fmt.Printf("crash: killed %d times, each time the network was as before after the next start: %s\n", n, strings.Join(counts, ", "))
	}
}

// A plan kills in every state, and the same seed makes the same plan.
func TestPlanKills(t *testing.T) {
	plan := planKills(7, 50)
	if !slices.Equal(plan, planKills(7, 50)) || slices.Equal(plan, planKills(8, 50)) {
		t.Error("a plan is not made of its seed")
	}
	killed := map[client.State]int{}
	for _, k := range plan {
		killed[k.state]++
		if k.moment < 0 || k.moment >= latest(k.state) {
			t.Errorf("%v is at a moment out of bounds", k)
		}
	}
	for _, state := range client.States {
		if killed[state] < 4 {
			t.Errorf("%d kills in the state %s", killed[state], state)
		}
	}
}
