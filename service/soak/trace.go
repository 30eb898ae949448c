package main

import (
	"bufio"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// debug is what asks Go's runtime for a trace on standard error: a line for each
// garbage collection, and each second one for every goroutine.
const debug = "GODEBUG=gctrace=1,schedtrace=1000,scheddetail=1"

// reading is what a trace has said last.
type reading struct {
	seconds     int // how many full lists of goroutines there were
	goroutines  int // in the last one
	collections int
	live        int // what the last garbage collection left, in MB
}

// trace reads what a Go program says under debug.
type trace struct {
	mu      sync.Mutex
	last    reading
	listing int           // goroutines of the list that is being read
	other   []string      // the last lines that are none of the runtime's
	ended   chan struct{} // closed when the program is
}

func newTrace() *trace { return &trace{ended: make(chan struct{})} }

// read reads until the program ends.
func (t *trace) read(r io.Reader) {
	defer close(t.ended)
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadString('\n')
		if line != "" {
			t.line(strings.TrimRight(line, "\n"))
		}
		if err != nil {
			return
		}
	}
}

var (
	schedLine     = regexp.MustCompile(`^SCHED \d+ms: `)
	goroutineLine = regexp.MustCompile(`^  G\d+: status=(\d+)\((.*)\) m=`)
	detailLine    = regexp.MustCompile(`^  [PM]\d+: `)
	gcLine        = regexp.MustCompile(`^gc \d+ @.* \d+->\d+->(\d+) MB, `)
)

// line takes one line. A list of goroutines is whole when the next one begins.
func (t *trace) line(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case schedLine.MatchString(s):
		if t.listing > 0 {
			t.last.goroutines = t.listing
			t.last.seconds++
		}
		t.listing = 0
	case goroutineLine.MatchString(s):
		m := goroutineLine.FindStringSubmatch(s)
		if counts(m[1], m[2]) {
			t.listing++
		}
	case gcLine.MatchString(s):
		t.last.live, _ = strconv.Atoi(gcLine.FindStringSubmatch(s)[1])
		t.last.collections++
	case !detailLine.MatchString(s):
		t.keep(s)
	}
}

// counts says that a goroutine of the list is there: not ended, its place kept
// for the next one, and none of those with which the runtime collects garbage,
// which it starts as it needs them. Its others are there from the beginning;
// what they wait for says little, as gVisor's wait under the same names.
func counts(status, waiting string) bool {
	switch status { // runtime2.go: _Gidle, _Gdead, _Gdeadextra
	case "0", "6", "11":
		return false
	}
	return !strings.HasPrefix(waiting, "GC worker")
}

// keep keeps the last of what the program itself says: little, unless it dies
// and says what all of its goroutines were doing.
func (t *trace) keep(s string) {
	const most = 10000
	if t.other = append(t.other, s); len(t.other) > most {
		t.other = t.other[len(t.other)-most/2:]
	}
}

// now is what was said last.
func (t *trace) now() reading {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// said is what the program itself has said.
func (t *trace) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.other, "\n")
}
