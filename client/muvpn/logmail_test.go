package main

import (
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// broken is a service whose connection has failed.
func broken(t *testing.T) *clienttest.Service {
	s := clienttest.Start(t)
	s.Stored = []client.Profile{{Name: "Office", UUID: "u", Support: "help@example.com"}}
	s.Say(client.Status{State: client.Failed, Profile: "Office", UUID: "u", Reason: "PSK_WRONG"})
	s.Write(`{"time":"2026-11-23T21:15:02.123+01:00","level":"error","event":"FAILED","profile":"Office","text":"x","reason":"PSK_WRONG"}`)
	return s
}

// at is a home in which messages are saved, with no program that opens them.
func atHome(t *testing.T) string {
	home := t.TempDir()
	for name, value := range map[string]string{"HOME": home, "USERPROFILE": home, "XDG_CONFIG_HOME": home, "PATH": home} {
		t.Setenv(name, value)
	}
	os.Mkdir(filepath.Join(home, "Downloads"), 0o700)
	return filepath.Join(home, "Downloads")
}

func TestLogMailShowsAsksAndSaves(t *testing.T) {
	folder := atHome(t)
	got := typed(t, broken(t), "yes\n", []string{}, "log", "mail")
	wantCode(t, got, 0)
	wantText(t, got.err, "To: help@example.com", "Subject: muvpn: Office: PSK_WRONG", "PSK_WRONG: The pre-shared key", "muvpn-Office.log",
		"what muvpn log prints", "Open it in your mail program?", "No mail program was found", "Attach the file")
	f, err := os.Open(strings.TrimSpace(got.out))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if m, err := mail.ReadMessage(f); err != nil || m.Header.Get("X-Unsent") != "1" || filepath.Dir(f.Name()) != folder {
		t.Errorf("%s: %v", f.Name(), err)
	}
}

func TestLogMailNeedsConsent(t *testing.T) {
	folder := atHome(t)
	got := typed(t, broken(t), "\n", []string{}, "log", "mail")
	wantCode(t, got, 0)
	wantText(t, got.err, "Nothing was made")
	got = piped(t, broken(t), "", "log", "mail")
	wantCode(t, got, 1)
	wantText(t, got.err, "no terminal", "--out FILE")
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("%v was made", left)
	}
}

func TestLogMailToAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.eml")
	service := broken(t)
	got := piped(t, service, "", "log", "mail", "--out", path, "--redact", "--to", "boss@example.com")
	wantCode(t, got, 0)
	wantText(t, got.err, "To: boss@example.com", "placeholders", "muvpn log --redact prints")
	if got.out != path+"\n" {
		t.Errorf("it prints %q", got.out)
	}
	got = piped(t, service, "", "log", "mail", "--out", path)
	wantCode(t, got, 1)
	wantText(t, got.err, "is there already")
	got = piped(t, service, "", "log", "mail", "--out", "-")
	wantCode(t, got, 0)
	wantText(t, got.out, "X-Unsent: 1\r\n")
	got = piped(t, service, "", "log", "mail", "--to", "boss", "--out", "-")
	wantCode(t, got, 1)
	wantText(t, got.err, `"boss" is not an e-mail address`)
}
