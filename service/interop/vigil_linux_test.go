package interop

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// vigil is a stage in a home where everything that leaves the client's computer
// is watched, while programs on it never stop to send what could leak.
type vigil struct {
	*stage
	home       *lab.Home
	monitor    *lab.Monitor
	generators *lab.Generators
	leaks      []lab.Sight // what must not be seen
	unplugged  bool        // there is no network that anything could leak to
}

// The sights that are leaks: with a split tunnel, with one that takes all, and
// with the kill switch.
var (
	leaksOfSplit = []lab.Sight{lab.SightInner}
	leaksOfFull  = []lab.Sight{lab.SightInner, lab.SightDNS, lab.SightIPv6, lab.SightOutside}
	allLeaks     = []lab.Sight{lab.SightInner, lab.SightDNS, lab.SightIPv6, lab.SightOutside, lab.SightLocal}
)

// allThree are what a monitor must be able to see.
var allThree = []lab.Sight{lab.SightInner, lab.SightDNS, lab.SightIPv6}

// keepsVigil begins to watch and to generate. The client must not be there yet.
// What the monitor knows besides may be nil.
func (s *stage) keepsVigil(leaks []lab.Sight, besides func(*lab.Watched)) *vigil {
	s.Helper()
	v := &vigil{stage: s, leaks: leaks}
	var err error
	v.home, err = s.lab.NewHome()
	s.must(err)
	watched := v.home.Watched()
	if besides != nil {
		besides(&watched)
	}
	v.monitor, err = s.lab.StartMonitor(watched)
	s.must(err)
	v.generators, err = s.lab.StartGenerators()
	s.must(err)
	return v
}

// rounds is how many rounds the generators play before a look counts.
const rounds = 3

// looks lets the generators play some rounds, says what they have sent since the
// last look, and returns what has left the computer.
func (v *vigil) looks(when string) lab.Sights {
	v.Helper()
	seen, sent := v.takes()
	v.Logf("%-32s generated %s; seen %s", when+":", generated(sent), seen)
	for _, sight := range allThree {
		if n := sent[sight]; n.Tried == 0 || n.Offered == 0 && !v.unplugged {
			v.Errorf("%s: of %d packets that would be seen as %s none could be sent: the look proves nothing", when, n.Tried, sight)
		}
	}
	return seen
}

// takes is looks without a word.
func (v *vigil) takes() (seen lab.Sights, sent map[lab.Sight]lab.Sent) {
	v.Helper()
	v.must(v.generators.Pass(rounds))
	seen, err := v.monitor.Take()
	v.must(err)
	return seen, v.generators.Take()
}

// generated is what was generated, in words.
func generated(sent map[lab.Sight]lab.Sent) string {
	var list []string
	for _, sight := range slices.Sorted(maps.Keys(sent)) {
		list = append(list, fmt.Sprintf("%s %d of %d", sight, sent[sight].Offered, sent[sight].Tried))
	}
	return strings.Join(list, ", ")
}

// silentIn says that since the last look nothing has leaked, up to and in a state
// of the client.
func (v *vigil) silentIn(state client.State, when string) lab.Sights {
	v.Helper()
	return v.silent(when, func() error { return v.client.Reaches(state, 0) })
}

// silentWithout says the same of a time without any muvpnd.
func (v *vigil) silentWithout(when string) lab.Sights {
	v.Helper()
	return v.silent(when, func() error {
		if v.client.Running() {
			return errors.New("muvpnd runs")
		}
		return nil
	})
}

// silent is leaksNothing for as long as something is so: a look counts when it is
// before and after. What leaks in one that does not is a leak all the same.
func (v *vigil) silent(when string, isSo func() error) lab.Sights {
	v.Helper()
	var err error
	for range 3 {
		v.must(lab.WaitFor(stateLimit, isSo))
		seen := v.leaksNothing(when)
		if err = isSo(); err == nil {
			return seen
		}
	}
	v.Fatalf("%s: it does not last for a look: %v", when, err)
	return lab.Sights{}
}

// leaksNothing says that since the last look nothing has leaked, although the
// generators went on.
func (v *vigil) leaksNothing(when string) lab.Sights {
	v.Helper()
	seen := v.looks(when)
	if found := seen.Of(v.leaks...); found != "" {
		v.Errorf("%s: leaked %s", when, found)
	}
	return seen
}

// sees says that the monitor now sees those sights: the silence before was not
// of its own making.
func (v *vigil) sees(when string, sights ...lab.Sight) {
	v.Helper()
	v.takes() // what was before
	seen := v.looks(when)
	for _, sight := range sights {
		if seen.Count[sight] == 0 {
			v.Errorf("%s: the monitor sees no %s: its silence proves nothing", when, sight)
		}
	}
}

// loses loses the link.
func (v *vigil) loses() {
	v.Helper()
	v.must(v.lab.Network.Unplug())
	v.unplugged = true
}

// findsAgain has the link back.
func (v *vigil) findsAgain() {
	v.Helper()
	v.must(v.home.PlugIn())
	v.unplugged = false
}
