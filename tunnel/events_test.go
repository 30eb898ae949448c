package tunnel

import (
	"fmt"
	"testing"
)

// fill puts n lines into a mailbox that nobody reads.
func (m *mailbox) lines(level, n int) {
	for i := range n {
		m.put(Note{Level: level, Code: "LINE", Text: fmt.Sprint(i)})
	}
}

func TestEventsComeInOrder(t *testing.T) {
	m := newMailbox()
	m.lines(1, eventBuffer+100)
	m.put(Down{})
	go m.finish(nil)
	n := 0
	for e := range m.out {
		if note, ok := e.(Note); ok && note.Text != fmt.Sprint(n) {
			t.Fatalf("line %d: %s", n, note.Text)
		}
		n++
	}
	if n != eventBuffer+101 {
		t.Errorf("%d events", n)
	}
}

func TestFloodOfLinesIsBoundedAndTold(t *testing.T) {
	m := newMailbox()
	m.lines(0, 10*noteBacklog)
	m.lines(2, 3) // warnings are kept
	m.put(Down{})
	if len(m.wait) > noteBacklog+10 {
		t.Fatalf("%d wait", len(m.wait))
	}
	go m.finish(nil)
	lost, warnings := 0, 0
	var last Event
	for last = range m.out {
		if n, ok := last.(Note); ok && n.Code == "NOTES_LOST" {
			lost += n.Fields["lines"].(int)
		} else if ok && n.Level == 2 {
			warnings++
		}
	}
	if _, ok := last.(Down); !ok || lost != 10*noteBacklog-noteBacklog-eventBuffer || warnings != 3 {
		t.Errorf("last %T, %d lost, %d warnings", last, lost, warnings)
	}
}

func TestNobodyReadsButDownIsLast(t *testing.T) {
	m := newMailbox()
	m.lines(1, 5*eventBuffer)
	m.put(Down{})
	closing := make(chan struct{})
	close(closing)
	m.finish(closing)
	var last Event
	n := 0
	for last = range m.out {
		n++
	}
	if _, ok := last.(Down); !ok || n < eventBuffer-1 {
		t.Errorf("%d events, the last %T", n, last)
	}
}
