package lab

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"muvpn/client"
)

// Kill is one of the many deaths of muvpnd.
type Kill struct {
	State   client.State  // in which it is to be killed, or one of the ways below
	Moment  time.Duration // after the state was reached, or the way was begun
	Variant int           // of what else may differ; who plays the kill says what that is
	Slow    bool          // it is systemd-resolved that holds muvpnd in the state
}

// On these ways muvpnd is not held in any state: it is killed wherever it is.
const (
	GoingUp   client.State = "going up"
	GoingDown client.State = "going down"
)

// ends are what a kill may be for: every state, and the ways.
var ends = append(slices.Clone(client.States), GoingUp, GoingDown)

// latestHeld is how long after a state was reached the kill may come.
const latestHeld = 600 * time.Millisecond

// Held says that muvpnd is held in the state.
func (k Kill) Held() bool { return k.State != GoingUp && k.State != GoingDown }

// String says the kill in words.
func (k Kill) String() string {
	text := fmt.Sprintf("%s, %v", k.State, k.Moment.Round(time.Millisecond))
	if k.Slow {
		text += ", resolved is slow"
	}
	return text
}

// Changed is what must be changed of the network, at the least, for the kill to
// show anything; names is what is, where names are asked elsewhere. Without a
// connection nothing is, and on the way it cannot be said what.
func (k Kill) Changed(names string) []string {
	switch k.State {
	case client.Resolving, client.Contacting, client.Authenticating:
		return []string{"link"}
	case client.Configuring:
		if !k.Slow {
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

// KillPlan is what the kills of a plan are made of.
type KillPlan struct {
	Variants int // that there are
	// GoingUp and GoingDown are how long after the beginning of these ways the
	// kill may come: about as long as they take.
	GoingUp, GoingDown time.Duration
}

// Kills makes a plan of n kills out of a seed: every state as often as the
// others, in any order.
func (p KillPlan) Kills(seed uint64, n int) []Kill {
	chance := rand.New(rand.NewPCG(seed, 0))
	plan := make([]Kill, n)
	for i := range plan {
		k := Kill{State: ends[i%len(ends)], Variant: chance.IntN(p.Variants)}
		k.Moment = time.Duration(chance.Int64N(int64(p.latest(k.State))))
		// It is over in no time unless somebody is slow.
		k.Slow = k.State == client.Disconnecting || k.State == client.Configuring && i/len(ends)%2 == 0
		plan[i] = k
	}
	chance.Shuffle(n, func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	return plan
}

// latest is how long after its beginning the kill may come.
func (p KillPlan) latest(state client.State) time.Duration {
	switch state {
	case GoingUp:
		return p.GoingUp
	case GoingDown:
		return p.GoingDown
	}
	return latestHeld
}

// Toll is how often muvpnd was killed in each state.
type Toll map[client.State]int

// String is the toll of every state.
func (t Toll) String() string {
	var counts []string
	for _, state := range client.States {
		counts = append(counts, fmt.Sprintf("%s %d", state, t[state]))
	}
	return strings.Join(counts, ", ")
}

// Lacks are the states that have seen fewer kills than a plan of n has to lead to:
// three in each, where there are enough of them. A busy machine may have left a
// state before it is killed, so one kill in each may miss.
func (t Toll) Lacks(n int) (states []client.State) {
	least := min(3, n/len(ends)-1)
	for _, state := range client.States {
		if t[state] < least {
			states = append(states, state)
		}
	}
	return states
}
