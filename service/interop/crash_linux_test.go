package interop

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
	"muvpn/tunnel/netcfg/resolvedtest"
)

// killPlan is what is played here: the variants are the kinds of a resolv.conf.
var killPlan = lab.KillPlan{Variants: lab.ResolvConfs, GoingUp: 600 * time.Millisecond, GoingDown: 100 * time.Millisecond}

// resolvConf is the kind that the client's computer has in a kill.
func resolvConf(k lab.Kill) lab.ResolvConf {
	if k.Slow {
		return lab.OwnStub
	}
	return lab.ResolvConf(k.Variant)
}

// namesKind is what is changed of it where names are asked elsewhere.
func namesKind(k lab.Kill) string {
	if resolvConf(k) == lab.OwnStub {
		return "resolved"
	}
	return "file"
}

// rampage is a stage on which muvpnd is killed.
type rampage struct {
	*stage
	resolved *resolvedtest.Resolved
	steering lab.Steering
	watcher  *lab.Watcher // of the muvpnd that runs
	killed   lab.Toll
}

// killsEverywhere kills muvpnd in each state at random moments. Each time the
// next start gives back the network.
func killsEverywhere(s *stage) {
	seed, n := uint64(setting("MUVPN_SEED", time.Now().UnixNano())), int(setting("MUVPN_KILLS", 50))
	fmt.Printf("crash: %d kills, MUVPN_SEED=%d\n", n, seed)
	r := &rampage{stage: s, killed: lab.Toll{}}
	r.begins()
	for i, k := range killPlan.Kills(seed, n) {
		r.kills(i+1, k)
	}
	if lacks := r.killed.Lacks(n); lacks != nil {
		r.Errorf("too few kills in the states %v: %s", lacks, r.killed)
	}
	fmt.Printf("crash: killed %d times, each time the network was as before after the next start: %s\n", n, r.killed)
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
	names, err := r.lab.StartNameServer()
	r.must(err)
	r.startsClient(c)
	r.startsResolved(names)
}

// startsResolved gives the client's computer a systemd-resolved, which can be
// slow, and starts muvpnd again with it. From then on it can be steered.
func (r *rampage) startsResolved(names *lab.NameServer) {
	r.Helper()
	r.resolved = resolvedtest.Start(r.T)
	r.client.UseResolved(r.resolved)
	r.steering = lab.Steering{
		Names: names, Gateway: lab.GatewayAddr, Trouble: r.lab.Network.Trouble,
		Slow: func(call time.Duration) error { r.resolved.Slow(call); return nil },
		LogOut: func() error {
			_, err := r.gateway.Swanctl("--terminate", "--ike", "lab")
			return err
		},
	}
	r.must(r.client.Stop())
	r.starts()
}

// kills plays one kill, starts muvpnd again, and says that the network is as it
// was.
func (r *rampage) kills(i int, k lab.Kill) {
	r.Helper()
	before, what := r.isIn(k)
	time.Sleep(k.Moment)
	state := r.watcher.State()
	r.client.Kill()
	r.killed[state]++
	how := map[lab.ResolvConf]string{lab.OwnFile: "a file", lab.OwnLink: "a link", lab.OwnStub: "resolved's stub", lab.OwnSecret: "a file of mode 0640"}
	r.Logf("kill %d: %s, resolv.conf is %s: it was %s; changed: %s", i, k, how[resolvConf(k)], state, what)
	r.recovers(k, before)
}

// isIn brings muvpnd to where it is to be killed, and returns the network as it
// was before, and what of it is changed now.
func (r *rampage) isIn(k lab.Kill) (before lab.Snapshot, what string) {
	r.Helper()
	r.must(r.client.SetResolvConf(resolvConf(k)))
	before = r.hostNetwork()
	if err := r.steering.Brings(r.watcher, k, client.Up{}); err != nil {
		r.Fatalf("%v: %v", k, err)
	}
	what, err := lab.AwaitChanges(k, namesKind(k), before, r.client.Snapshot)
	r.must(err)
	return before, what
}

// recovers starts muvpnd again, and says that the network is as it was.
func (r *rampage) recovers(k lab.Kill, before lab.Snapshot) {
	r.Helper()
	r.must(r.steering.Ends())
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
