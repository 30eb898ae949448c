package service

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muvpn/client"
)

var names = map[happening]string{
	asked: "asked", contacting: "contacting", authenticating: "authenticating", configuring: "configuring",
	established: "established", lost: "lost", failed: "failed", leaving: "leaving", left: "left",
}

// The whole of next, a row for each state: what each happening leads to. A dot
// means that nothing changes.
const table = `
               asked      contacting  authenticating  configuring  established  lost          failed  leaving        left
disconnected   resolving  .           .               .            .            .             .       .              .
resolving      .          contacting  authenticating  configuring  connected    .             failed  disconnecting  disconnected
contacting     .          .           authenticating  configuring  connected    resolving     failed  disconnecting  disconnected
authenticating .          contacting  .               configuring  connected    resolving     failed  disconnecting  disconnected
configuring    .          contacting  authenticating  .            connected    resolving     failed  disconnecting  disconnected
connected      .          .           .               .            .            reconnecting  failed  disconnecting  disconnected
reconnecting   .          .           .               .            connected    .             failed  disconnecting  disconnected
disconnecting  .          .           .               .            .            .             .       .              disconnected
failed         resolving  .           .               .            .            .             .       disconnected   disconnected
`

func TestNext(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(table), "\n")
	columns := strings.Fields(rows[0])
	var states []client.State
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		s := client.State(cells[0])
		states = append(states, s)
		for i, cell := range cells[1:] {
			want := client.State(cell)
			if cell == "." {
				want = s
			}
			if got := next(s, happeningOf(t, columns[i])); got != want {
				t.Errorf("%s, %s: %s, want %s", s, columns[i], got, want)
			}
		}
	}
	if slices.Sort(states); fmt.Sprint(states) != fmt.Sprint(slices.Sorted(slices.Values(client.States))) {
		t.Errorf("the table has the states %v", states)
	}
	if len(columns) != len(names) {
		t.Errorf("the table has %d happenings of %d", len(columns), len(names))
	}
}

func happeningOf(t *testing.T, name string) happening {
	t.Helper()
	for h, n := range names {
		if n == name {
			return h
		}
	}
	t.Fatalf("there is no happening %q", name)
	return 0
}
