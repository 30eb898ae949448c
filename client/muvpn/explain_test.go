package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/client/explain/logs"
)

// The log of a client whose key the gateway does not have.
const wrongKey = `2026-11-26T12:48:04.517Z INFO  CONNECT [Office] Connecting to Office
2026-11-26T12:48:04.544Z INFO  IKE_TX [Office] TO 192.0.2.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=59a890ca017b9ea4 CKY-R=0000000000000000
2026-11-26T12:48:07.556Z ERROR FAILED [Office] PSK_WRONG (gateway): HASH_R of message 2 does not fit the pre-shared key; expected the same key on both sides. x
`

// The gateway's of the same time.
const box = `00001 11/26/26 12:48:04 iked[90] FROM 192.0.2.100 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=59a890ca017b9ea4 CKY-R=0000000000000000
00002 11/26/26 12:48:04 iked[90] User "lisa" at 192.0.2.100 logged in
00003 11/26/26 12:48:05 iked[90] msg_id="0203-0012" (192.0.2.1<->192.0.2.100) HASH_I of lisa is wrong: the pre-shared keys differ
00004 11/26/26 12:48:06 iked[90] User "lisa" logged out
`

// logFile writes a file to be explained.
func logFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Nothing of it needs a service.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	client, gateway, other := logFile(t, dir, "client.log", wrongKey), logFile(t, dir, "gw.log", box), logFile(t, dir, "letter.txt", "Dear Sirs\n")

	got := piped(t, nil, "", "explain", client)
	wantCode(t, got, 0)
	wantText(t, got.out, "PSK_WRONG: The pre-shared key", "How sure:      stated: the client's log", "client  -> gateway")

	got = piped(t, nil, wrongKey, "explain", "-", gateway, other, "--json")
	wantCode(t, got, 0)
	var told struct {
		Reason, Confidence, Outcome string
		Missing                     []string
		Matched                     struct{ By string }
	}
	if err := json.Unmarshal([]byte(got.out), &told); err != nil || told.Reason != "PSK_WRONG" || told.Confidence != "certain" || told.Matched.By != "numbers" {
		t.Errorf("%v: %+v\n%s", err, told, got.out)
	}
	wantText(t, strings.Join(told.Missing, " "), "letter.txt")

	got = piped(t, nil, "", "explain", client, client)
	wantCode(t, got, 1)
	wantText(t, got.err, "are both logs of muvpn")
	got = piped(t, nil, "", "explain", filepath.Join(dir, "none.log"))
	wantCode(t, got, 1)
	wantCode(t, piped(t, nil, "", "explain"), 2)
}

func TestExplainHTML(t *testing.T) {
	dir := t.TempDir()
	client, page := logFile(t, dir, "client.log", wrongKey), filepath.Join(dir, "a.html")
	wantCode(t, piped(t, nil, "", "explain", client, "--html", page), 0)
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(html), "<!DOCTYPE html>", "<svg", "PSK_WRONG")
	got := piped(t, nil, "", "explain", client, "--html", page)
	wantCode(t, got, 1)
	wantText(t, got.err, "exists")
}

// A folder is counted; what is no log, and other folders, are not.
func TestExplainFolder(t *testing.T) {
	dir := t.TempDir()
	logFile(t, dir, "a.log", wrongKey)
	logFile(t, dir, "b.log", wrongKey)
	logFile(t, dir, "letter.txt", "Dear Sirs\n")
	os.Mkdir(filepath.Join(dir, "sub"), 0o700)
	got := piped(t, nil, "", "explain", dir)
	wantCode(t, got, 0)
	wantText(t, got.out, "Logs of muvpn: 2", "    2  ", "PSK_WRONG", "letter.txt")
	wantCode(t, piped(t, nil, "", "explain", dir, "--html", "-"), 1)
}

// More than is read of a log is not read into memory either.
func TestLogsAreBounded(t *testing.T) {
	path := logFile(t, t.TempDir(), "large.log", wrongKey)
	if err := os.Truncate(path, 10*logs.MaxSize); err != nil {
		t.Fatal(err)
	}
	got := piped(t, nil, "", "explain", path)
	wantCode(t, got, 0)
	wantText(t, got.out, "PSK_WRONG", "longer than is read")
}

func TestAdminSessions(t *testing.T) {
	dir := t.TempDir()
	gateway, client := logFile(t, dir, "gw.log", box), logFile(t, dir, "client.log", wrongKey)
	got := piped(t, nil, "", "admin", "sessions", gateway)
	wantCode(t, got, 0)
	wantText(t, got.out, "2026-11-26 12:48:04  lisa  from 192.0.2.100", "PSK_WRONG", "after 2s")
	got = piped(t, nil, box, "admin", "sessions", "-", "--csv")
	wantText(t, got.out, "user,from,virtual_ip", "\nlisa,192.0.2.100,,2026-11-26 12:48:04")
	wantText(t, piped(t, nil, "", "admin", "sessions", gateway, "--json").out, `"user": "lisa"`, `"end": "2026-11-26T12:48:06"`)
	got = piped(t, nil, "", "admin", "sessions", client)
	wantCode(t, got, 1)
	wantText(t, got.err, "not the log of a Firebox")
	wantCode(t, piped(t, nil, "", "admin", "sessions", gateway, "--csv", "--json"), 2)
}
