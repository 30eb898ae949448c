package instance

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestMessages(t *testing.T) {
	here, _ := filepath.Abs("lisa.exp")
	for _, c := range []struct{ file, want string }{{"", ""}, {"lisa.exp", here}, {here, here}} {
		sent, err := Opening(c.file)
		if err != nil || sent.File != c.want {
			t.Errorf("%q: %+v, %v", c.file, sent, err)
		}
		var wire bytes.Buffer
		if err := sent.write(&wire); err != nil {
			t.Fatal(err)
		}
		if got, err := read(&wire); err != nil || got != sent {
			t.Errorf("%q came as %+v, %v", c.file, got, err)
		}
	}
}

func TestNoMessages(t *testing.T) {
	for _, line := range []string{
		"", "\n", "raise\n", `{"verb":"raise"}`, `{"verb":"dance"}` + "\n", `{"verb":"open"}` + "\n",
		`{"verb":"open","file":"lisa.exp"}` + "\n", `{"verb":"quit","file":"/lisa.exp"}` + "\n",
		`{"verb":"open","file":"/a\u0000b"}` + "\n",
		`{"verb":"open","file":"/` + strings.Repeat("a", maxMessage) + `"}` + "\n",
	} {
		if m, err := read(strings.NewReader(line)); err == nil {
			t.Errorf("%.40q was taken: %+v", line, m)
		}
	}
	if err := (Message{Verb: Open, File: "/" + strings.Repeat("a", maxMessage)}).write(&bytes.Buffer{}); err == nil {
		t.Error("a path without end was sent")
	}
}
