package mail

import (
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlan(t *testing.T) {
	r := &Report{Profile: "Office", State: "failed", To: &mail.Address{Address: "-x@example.com"}}
	attach := "[xdg-email --utf8 --subject muvpn: Office: failed --attach /d/a.eml mailto:-x@example.com]"
	if got, want := fmt.Sprint(plan("/d/a.eml", "", r)), "["+attach+"]"; got != want {
		t.Errorf("without a program for messages: %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(plan("/d/a.eml", "thunderbird.desktop", r)), "[[xdg-open /d/a.eml] "+attach+"]"; got != want {
		t.Errorf("with one: %s, want %s", got, want)
	}
}

// desktop is a PATH with these scripts, which write down how they were called.
func desktop(t *testing.T, scripts map[string]string) (called string) {
	t.Helper()
	dir := t.TempDir()
	called = filepath.Join(dir, "called")
	for name, script := range scripts {
		text := "#!/bin/sh\necho \"${0##*/} $*\" >>" + called + "\n" + script + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	return called
}

func TestOpened(t *testing.T) {
	r := &Report{Profile: "Office", State: "failed"}
	for name, c := range map[string]struct {
		scripts map[string]string
		want    error
		last    string
	}{
		"nothing there":        {nil, ErrNoProgram, ""},
		"a program":            {map[string]string{"xdg-mime": "echo t.desktop", "xdg-open": ""}, nil, "xdg-open /tmp/a.eml"},
		"one that fails":       {map[string]string{"xdg-mime": "echo t.desktop", "xdg-open": "exit 3", "xdg-email": ""}, nil, "--attach /tmp/a.eml"},
		"none for messages":    {map[string]string{"xdg-mime": "", "xdg-open": "", "xdg-email": ""}, nil, "xdg-email"},
		"none that goes well":  {map[string]string{"xdg-mime": "exit 1", "xdg-open": "", "xdg-email": "exit 4"}, ErrNoProgram, "xdg-email"},
		"a program that stays": {map[string]string{"xdg-mime": "echo t.desktop", "xdg-open": "exec /bin/sleep 7"}, nil, "xdg-open"},
	} {
		t.Run(name, func(t *testing.T) {
			called := desktop(t, c.scripts)
			if err := Open("/tmp/a.eml", r); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			said, _ := os.ReadFile(called)
			lines := strings.Split(strings.TrimSpace(string(said)), "\n")
			if !strings.Contains(lines[len(lines)-1], c.last) {
				t.Errorf("called were %q, want %q the last", lines, c.last)
			}
		})
	}
}
