package service

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muvpn/client"
)

// happenings are all there are, by the names that the diagram has for them.
var happenings = map[string]happening{
	"asked": asked, "contacting": contacting, "authenticating": authenticating, "configuring": configuring,
	"established": established, "lost": lost, "failed": failed, "leaving": leaving, "left": left,
}

// when is one state in which one thing happens.
type when struct {
	state client.State
	what  string
}

// The diagram in docs/house.md is next, arrow by arrow: what it draws happens,
// and what it does not draw changes nothing.
func TestStateDiagram(t *testing.T) {
	drawn := diagram(t)
	for _, s := range client.States {
		for name, h := range happenings {
			want, ok := drawn[when{s, name}]
			if !ok {
				want = s
			}
			if got := next(s, h); got != want {
				t.Errorf("%s, %s: the code goes to %s, docs/house.md to %s", s, name, got, want)
			}
		}
	}
	if len(happenings) != int(left)+1 {
		t.Errorf("%d of %d happenings have a name", len(happenings), int(left)+1)
	}
}

// arrow is "a --> b: c, d" of a Mermaid state diagram.
var arrow = regexp.MustCompile(`^([a-z]+) --> ([a-z]+): ([a-z, ]+)$`)

// diagram reads the arrows, and refuses what is none, is drawn twice, leads
// nowhere or names what there is not.
func diagram(t *testing.T) map[when]client.State {
	t.Helper()
	doc, err := os.ReadFile("../docs/house.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(doc), "```mermaid\nstateDiagram-v2\n")
	text, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/house.md has no state diagram")
	}
	drawn := map[when]client.State{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line == "[*] --> "+string(client.Disconnected) {
			continue
		}
		parts := arrow.FindStringSubmatch(line)
		if parts == nil {
			t.Fatalf("not an arrow: %q", line)
		}
		draw(t, drawn, client.State(parts[1]), client.State(parts[2]), strings.Split(parts[3], ", "))
	}
	return drawn
}

// draw enters one arrow.
func draw(t *testing.T, drawn map[when]client.State, from, to client.State, names []string) {
	t.Helper()
	if !slices.Contains(client.States, from) || !slices.Contains(client.States, to) || from == to {
		t.Errorf("an arrow from %s to %s", from, to)
	}
	for _, name := range names {
		at := when{from, name}
		if _, twice := drawn[at]; twice {
			t.Errorf("%s, %s is drawn twice", from, name)
		}
		if _, known := happenings[name]; !known {
			t.Errorf("there is no happening %q", name)
		}
		drawn[at] = to
	}
}
