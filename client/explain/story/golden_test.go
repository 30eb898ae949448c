package story

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"muvpn/client/explain/logs"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// read reads a log of testdata.
func read(t *testing.T, name string) *logs.Log {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return logs.Read(name, data)
}

// The log of a Firebox of 2001, from the first message to the TCP connection that
// is allowed in through the tunnel.
func TestFirebox2001(t *testing.T) {
	l := read(t, "firebox-2001.log")
	if l.Format != logs.Firebox || l.Lines != 20 || l.Unread != 0 {
		t.Fatalf("%s: %d lines, %d of them unread", l.Format, l.Lines, l.Unread)
	}
	if last := l.Events[len(l.Events)-1]; last.Kind != logs.Traffic || last.Address != "192.168.10.201" || last.Line != 20 {
		t.Errorf("the last line is %+v", last)
	}
	s := Tell(nil, []*logs.Log{l}, nil)
	if s.Outcome != Connected || s.User != "lisa" || s.Client != "203.0.113.77" || len(s.Attempts) != 1 {
		t.Errorf("%+v", s)
	}
	golden(t, "firebox-2001.txt", s.Text())
}
