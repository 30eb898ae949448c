package lab

import (
	"slices"
	"testing"
	"time"

	"muvpn/client"
)

// A plan kills in every state, and the same seed makes the same plan.
func TestKillPlan(t *testing.T) {
	p := KillPlan{Variants: 2, GoingUp: 120 * time.Millisecond, GoingDown: 60 * time.Millisecond}
	plan := p.Kills(7, 50)
	if !slices.Equal(plan, p.Kills(7, 50)) || slices.Equal(plan, p.Kills(8, 50)) {
		t.Error("a plan is not made of its seed")
	}
	toll, slow := Toll{}, map[bool]int{}
	for _, k := range plan {
		toll[k.State]++
		if k.Moment < 0 || k.Moment >= p.latest(k.State) || k.Variant < 0 || k.Variant >= p.Variants {
			t.Errorf("%v is out of bounds", k)
		}
		if k.State == client.Configuring {
			slow[k.Slow]++
		}
	}
	for _, end := range ends {
		if toll[end] < 4 {
			t.Errorf("%d kills for %s", toll[end], end)
		}
	}
	if slow[true] < 2 || slow[false] < 2 {
		t.Errorf("configuring is held by a slow resolved or not: %v", slow)
	}
}

// Of few kills each state may be missed by one; of many none may.
func TestToll(t *testing.T) {
	toll := Toll{}
	for _, state := range client.States {
		toll[state] = 3
	}
	toll[client.Resolving], toll[client.Failed] = 2, 0
	if got := toll.Lacks(50); !slices.Equal(got, []client.State{client.Resolving, client.Failed}) {
		t.Errorf("of 50 kills there are too few in %v", got)
	}
	if got := toll.Lacks(15); got != nil {
		t.Errorf("of 15 kills there are too few in %v", got)
	}
}
