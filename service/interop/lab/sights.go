package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// examplesLimit is how many packets of each sight are described.
const examplesLimit = 3

// Sights are the packets that were seen, counted, and a few of them described.
type Sights struct {
	Count    map[Sight]int
	examples map[Sight][]string
}

// newSights are none yet.
func newSights() Sights { return Sights{map[Sight]int{}, map[Sight][]string{}} }

// add counts one.
func (s Sights) add(sight Sight, what string) {
	s.Count[sight]++
	if list := s.examples[sight]; len(list) < examplesLimit && !slices.Contains(list, what) {
		s.examples[sight] = append(list, what)
	}
}

// Of is what was seen of some sights, with examples; empty: nothing.
func (s Sights) Of(sights ...Sight) string {
	var found []string
	for _, sight := range sights {
		if n := s.Count[sight]; n > 0 {
			found = append(found, fmt.Sprintf("%d %s (%s)", n, sight, strings.Join(s.examples[sight], "; ")))
		}
	}
	return strings.Join(found, ", ")
}

// String is every sight with its count.
func (s Sights) String() string { return counts(s.Count) }

// counts are the counts that are not zero, sorted by name.
func counts(of map[Sight]int) string {
	var list []string
	for _, sight := range slices.Sorted(maps.Keys(of)) {
		if of[sight] > 0 {
			list = append(list, fmt.Sprintf("%s %d", sight, of[sight]))
		}
	}
	if list == nil {
		return "nothing"
	}
	return strings.Join(list, ", ")
}
