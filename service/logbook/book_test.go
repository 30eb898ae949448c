package logbook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"muvpn/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *Book {
	t.Helper()
	b, err := Open(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// copied is the log as o says.
func copied(t *testing.T, b *Book, o client.LogOptions) string {
	t.Helper()
	var out bytes.Buffer
	if err := b.Copy(t.Context(), &out, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var when = time.Date(2026, 11, 23, 21, 15, 2, 123e6, time.FixedZone("", 3600))

func TestBothForms(t *testing.T) {
	b := open(t)
	b.Add(Entry{Time: when, Level: Info, Event: "P1_DONE", Profile: "Office", Text: "Phase 1 completed as initiator",
		Fields: map[string]any{"nat": "none", "spi": 7, "why": errors.New("because")}})
	text := "2026-11-23T21:15:02.123+01:00 INFO  P1_DONE [Office] Phase 1 completed as initiator\n"
	if got := copied(t, b, client.LogOptions{}); got != text {
		t.Errorf("text is %q, want %q", got, text)
	}
	if file, _ := os.ReadFile(filepath.Join(b.dir, textName)); string(file) != text {
		t.Errorf("the text file has %q, want %q", file, text)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(copied(t, b, client.LogOptions{JSON: true})), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"time": "2026-11-23T21:15:02.123+01:00", "level": "info", "event": "P1_DONE", "profile": "Office",
		"text": "Phase 1 completed as initiator", "nat": "none", "spi": 7.0, "why": "because"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("JSON is %v, want %v", got, want)
	}
}

// What the gateway says must not make lines of its own.
func TestOneEntryIsOneLine(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "BANNER", Profile: "a\nb", Text: "Welcome\r\n2026-11-23T21:15:02.123+01:00 INFO  P1_DONE forged\x1b[31m\u2028"})
	for _, o := range []client.LogOptions{{}, {JSON: true}, {Redact: true}} {
		if got := copied(t, b, o); strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\r\x1b\u2028") {
			t.Errorf("%+v: %q", o, got)
		}
	}
}

func TestAFieldThatIsNoJSON(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "ODD", Text: "kept", Fields: map[string]any{"f": func() {}}, Head: true})
	if got := copied(t, b, client.LogOptions{JSON: true}); !strings.Contains(got, `"text":"kept"`) {
		t.Errorf("%q", got)
	}
}

func TestFilesAreTheOwners(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "X"})
	for name, want := range map[string]os.FileMode{".": 0o700, textName: 0o600, jsonName: 0o600} {
		info, err := os.Stat(filepath.Join(b.dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v, want %v", name, info.Mode().Perm(), err, want)
		}
	}
}

func TestKeptOverARestart(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "BEFORE"})
	b.Close()
	again, err := Open(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	again.Add(Entry{Event: "AFTER"})
	if got := copied(t, again, client.LogOptions{}); !regexp.MustCompile(`(?s)BEFORE.*AFTER`).MatchString(got) {
		t.Errorf("%q", got)
	}
	if got := copied(t, again, client.LogOptions{Lines: 1}); strings.Contains(got, "BEFORE") || !strings.Contains(got, "AFTER") {
		t.Errorf("the last line is %q", got)
	}
}

// Rotation keeps the whole under 10 MiB, the newest lines, their order, and the
// head of the log.
func TestRotation(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 12 MB")
	}
	b := open(t)
	b.Add(Entry{Event: "START", Text: "muvpnd 1.0 on linux", Head: true})
	long := strings.Repeat("x", 8<<10)
	const written = 700
	for i := range written {
		b.Add(Entry{Event: "LINE", Text: fmt.Sprint(i, " ", long)})
	}
	if size := sizeOf(t, b.dir); size > 10<<20 {
		t.Errorf("the log has %d octets", size)
	}
	lines := strings.Split(strings.TrimSpace(copied(t, b, client.LogOptions{})), "\n")
	if !strings.Contains(lines[0], "START muvpnd 1.0 on linux") {
		t.Errorf("the first line is %.80q", lines[0])
	}
	kept := lines[1:]
	for i, line := range kept {
		if want := fmt.Sprintf("LINE %d x", written-len(kept)+i); !strings.Contains(line, want) {
			t.Fatalf("line %d is %.80q, want %q", i, line, want)
		}
	}
	if len(kept) < 200 {
		t.Errorf("only %d lines were kept", len(kept))
	}
}

func sizeOf(t *testing.T, dir string) (size int64) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			size += info.Size()
		}
	}
	return size
}

func TestALineCutShortByACrash(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "WHOLE"})
	f, err := os.OpenFile(filepath.Join(b.dir, jsonName), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString(`{"event":"CUT","te`)
	f.Close()
	if got := copied(t, b, client.LogOptions{}); strings.Contains(got, "CUT") || !strings.Contains(got, "WHOLE") {
		t.Errorf("%q", got)
	}
}

// follow copies the log as it grows and returns its lines.
func follow(t *testing.T, b *Book, o client.LogOptions) <-chan string {
	t.Helper()
	o.Follow = true
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	lines, done := make(chan string), make(chan struct{})
	go func() { defer close(done); b.Copy(ctx, w, o); w.Close() }()
	go func() {
		defer close(lines)
		buf := make([]byte, 64<<10)
		for {
			n, err := r.Read(buf)
			if err != nil {
				return
			}
			lines <- string(buf[:n])
		}
	}()
	t.Cleanup(func() {
		cancel()
		r.Close()
		<-done
		for range lines {
		}
	})
	return lines
}

func TestFollow(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "OLD"})
	b.Add(Entry{Event: "LAST"})
	lines := follow(t, b, client.LogOptions{Lines: 1})
	if got := <-lines; !strings.Contains(got, "LAST") {
		t.Errorf("it begins with %q", got)
	}
	for i := range 5 {
		b.Add(Entry{Event: fmt.Sprint("NEW", i)})
		if got := <-lines; !strings.Contains(got, fmt.Sprint("NEW", i)) {
			t.Errorf("then comes %q", got)
		}
	}
}

// Who cannot keep up is told so, and goes on with what is there.
func TestFollowTooSlowly(t *testing.T) {
	b := open(t)
	b.Add(Entry{Event: "FIRST"})
	lines := follow(t, b, client.LogOptions{})
	<-lines
	for range 2*recentLines + 100 { // more than it can take at once, twice
		b.Add(Entry{Event: "FLOOD"})
	}
	b.Add(Entry{Event: "END"})
	lost := false
	for line := range lines {
		lost = lost || strings.Contains(line, "LINES_LOST")
		if strings.Contains(line, "END") {
			break
		}
	}
	if !lost {
		t.Error("nothing was said of the lines that were lost")
	}
}
