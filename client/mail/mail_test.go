package mail

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// line is a line of the log as the service writes it.
func line(t testing.TB, event, profile, text string, fields ...string) string {
	t.Helper()
	all := map[string]string{"time": "2026-11-23T21:15:02.123+01:00", "level": "info", "event": event, "profile": profile, "text": text}
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// failed is a service whose last connection has failed, with a profile of that
// name and support.
func failed(t *testing.T, name, support string) *client.Client {
	t.Helper()
	s := clienttest.Start(t)
	s.Stored = []client.Profile{{Name: "Another", UUID: "a", Support: "nobody@example.org", Last: true}, {Name: name, UUID: "u", Support: support}}
	s.Say(client.Status{State: client.Failed, Profile: name, UUID: "u", Reason: "PSK_WRONG"})
	s.Write(line(t, "START", "", "muvpnd v1.2.3 on Debian 13, linux/amd64"))
	s.Write(line(t, "CONNECT", name, "Connecting to "+name))
	s.Write(line(t, "FAILED", name, "PSK_WRONG: it differs", "reason", "PSK_WRONG", "side", "gateway",
		"seen", "HASH_R of message 2 is wrong", "expected", "the hash of our key"))
	c, err := client.Dial(t.Context(), s.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func collect(t *testing.T, c *client.Client, o Options) *Report {
	t.Helper()
	r, err := Collect(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func message(t *testing.T, r *Report) []byte {
	t.Helper()
	m, err := r.Message()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// read is a message as net/mail and mime/multipart read it.
type read struct {
	mail.Header
	body  string
	files map[string]string
}

func parse(t *testing.T, raw []byte) read {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	got := read{Header: m.Header, files: map[string]string{}}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/mixed" {
		t.Fatal(media, err)
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextPart()
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, disposition, err := mime.ParseMediaType(p.Header.Get("Content-Disposition")); err == nil {
			if text, err = base64.StdEncoding.DecodeString(string(text)); err != nil { // it skips line ends
				t.Fatal(err)
			}
			got.files[disposition["filename"]] = string(text)
			continue
		}
		got.body = string(text)
	}
}

func TestWhatIsInIt(t *testing.T) {
	r := collect(t, failed(t, "Office", "Helpdesk <help@example.com>"), Options{})
	got := parse(t, message(t, r))
	for field, want := range map[string]string{
		"X-Unsent": "1", "To": `"Helpdesk" <help@example.com>`, "Subject": "muvpn: Office: PSK_WRONG", "Date": "", "From": "",
	} {
		if got.Get(field) != want {
			t.Errorf("%s is %q, want %q", field, got.Get(field), want)
		}
	}
	for _, part := range []string{"Profile: Office", "State now: failed", "The last failure, at 2026-11-23T21:15:02.123+01:00:",
		"PSK_WRONG: The pre-shared key", "the gateway", "HASH_R of message 2 is wrong", "the hash of our key", "You can:", "Administrator:",
		"muvpnd v1.2.3 on Debian 13, linux/amd64", "muvpn " + client.Build(), "3 lines", "User names and addresses are in it"} {
		if !strings.Contains(got.body, part) {
			t.Errorf("the summary does not say %q:\n%s", part, got.body)
		}
	}
	if string(r.Log.JSON) == "" || !strings.HasPrefix(string(r.Log.Text), "2026-11-23T21:15:02.123+01:00 INFO  START muvpnd v1.2.3") {
		t.Errorf("the log is %q", r.Log.Text)
	}
}

// Whose e-mail address it is, and what is done where it is none.
func TestWhomItIsFor(t *testing.T) {
	for support, want := range map[string]string{
		"help@example.com":             "<help@example.com>",
		"Hilfe für Büros <h@ex.com>":   "=?utf-8?q?Hilfe_f=C3=BCr_B=C3=BCros?= <h@ex.com>",
		"":                             "",
		"+49 123 456":                  "",
		"a@b.c\r\nBcc: all@b.c":        "",
		"\"a\r\nBcc: x\" <help@b.com>": "",
		"hilfe@büro.example":           "",
	} {
		got := parse(t, message(t, collect(t, failed(t, "Office", support), Options{})))
		if got.Get("To") != want || got.Get("Bcc") != "" {
			t.Errorf("support %q: To %q, Bcc %q, want %q", support, got.Get("To"), got.Get("Bcc"), want)
		}
	}
	c := failed(t, "Office", "help@example.com")
	if got := collect(t, c, Options{To: "boss@example.com"}); got.To.Address != "boss@example.com" {
		t.Errorf("it is for %v", got.To)
	}
	if _, err := Collect(t.Context(), c, Options{To: "boss"}); err == nil || !strings.Contains(err.Error(), `"boss"`) {
		t.Errorf("boss is no address: %v", err)
	}
}

// names are such as an administrator may give a profile, and such as only an
// attacker would.
var names = []string{
	"Office", "Büro Zürich", "東京オフィス", strings.Repeat("long ", 50), strings.Repeat("x", 256), "ü" + strings.Repeat("é", 120),
	"Office\r\nBcc: all@example.com", "Office\nX: y\r\n\r\nbody", "../../etc/passwd", `C:\x"; filename="evil.exe`, "=?utf-8?q?x?=", "\u2028\u0085", "", "\xff\xfe",
}

// No line is longer than it may be, all end in CR LF, and nothing in a name
// makes a header of its own.
func TestNamesAreHarmless(t *testing.T) {
	for _, name := range names {
		raw := message(t, collect(t, failed(t, name, "help@example.com"), Options{}))
		for l := range strings.SplitSeq(string(raw), "\r\n") {
			if len(l) > maxLine || strings.ContainsAny(l, "\r\n") || strings.ContainsFunc(l, func(r rune) bool { return r > '~' }) {
				t.Errorf("%q: the line %q", name, l)
			}
		}
		got := parse(t, raw)
		if len(got.Header) != 5 {
			t.Errorf("%q: the headers are %v", name, got.Header)
		}
		if len(got.files) != 2 {
			t.Errorf("%q: the files are %v", name, got.files)
		}
		for file := range got.files {
			if strings.ContainsAny(file, "/\\:\"\r\n") || !strings.HasPrefix(file, "muvpn") {
				t.Errorf("%q: a file is called %q", name, file)
			}
		}
	}
}

func TestAttachedAsItWas(t *testing.T) {
	r := collect(t, failed(t, "Büro", "help@example.com"), Options{})
	got := parse(t, message(t, r))
	if got.files["muvpn-Büro.log"] != string(r.Log.Text) || got.files["muvpn-Büro.jsonl"] != string(r.Log.JSON) {
		t.Errorf("the files are %q", got.files)
	}
}

// reader has Python's e-mail package read messages, each in a JSON string on a
// line: a parser that is not ours.
const reader = `
import email, email.policy, json, sys
for line in sys.stdin:
    m = email.message_from_bytes(json.loads(line).encode("ascii"), policy=email.policy.default)
    defects = [repr(d) for p in m.walk() for d in p.defects] + [repr(d) for v in m.values() for d in getattr(v, "defects", [])]
    print(json.dumps({"defects": defects, "headers": [[k, str(v)] for k, v in m.items()], "to": [a.addr_spec for a in m["to"].addresses],
      "body": m.get_body().get_content(), "files": [[a.get_filename(), a.get_content_type(), a.get_content_disposition(),
      (a.get_content() if a.get_content_maintype() == "text" else a.get_content().decode())] for a in m.iter_attachments()]}))
`

func TestPythonReadsIt(t *testing.T) {
	python, err := exec.LookPath("python3")
	switch {
	case err != nil && os.Getuid() == 0: // for whom make test installs it
		t.Fatal(err)
	case err != nil:
		t.Skip("python3 is not here: apt-get install python3")
	}
	var reports []*Report
	var in, out bytes.Buffer
	for _, name := range names {
		r := collect(t, failed(t, name, "Büro <help@example.com>"), Options{})
		reports = append(reports, r)
		json.NewEncoder(&in).Encode(string(message(t, r)))
	}
	run := exec.Command(python, "-c", reader)
	run.Stdin, run.Stdout, run.Stderr = &in, &out, os.Stderr
	if err := run.Run(); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(&out)
	for i, r := range reports {
		var got struct {
			Defects, To []string
			Headers     [][2]string
			Body        string
			Files       [][4]string
		}
		if err := answers.Decode(&got); err != nil {
			t.Fatal(err)
		}
		want := [][4]string{
			{r.fileName(".log"), "text/plain", "attachment", string(r.Log.Text)},
			{r.fileName(".jsonl"), "application/x-ndjson", "attachment", string(r.Log.JSON)},
		}
		if len(got.Defects) > 0 || len(got.Headers) != 5 || fmt.Sprint(got.To) != "[help@example.com]" || fmt.Sprint(got.Files) != fmt.Sprint(want) {
			t.Errorf("%q: Python reads %+v\nwant %v", names[i], got, want)
		}
		if subject := got.Headers[2]; subject[0] != "Subject" || subject[1] != r.Subject() {
			t.Errorf("%q: the subject is %q, want %q", names[i], subject, r.Subject())
		}
		if body := strings.ReplaceAll(got.Body, "\r\n", "\n"); body != r.Summary() {
			t.Errorf("%q: the body is %q, want %q", names[i], body, r.Summary())
		}
	}
}

// Of a log that is too long the newest lines are sent, with its head.
func TestBounded(t *testing.T) {
	lines := [][]byte{[]byte(line(t, "START", "", "first of all") + "\n"), []byte(line(t, "PROFILE", "Office", "old") + "\n")}
	for i := range 300 {
		lines = append(lines, []byte(line(t, "LINE", "Office", fmt.Sprint(i))+"\n"))
	}
	got := newest(lines, 10_000)
	if len(got.JSON) > 10_500 || len(got.Text) > len(got.JSON) || got.Lines+got.LeftOut != 302 || got.LeftOut == 0 {
		t.Errorf("%d octets of JSON, %d of text, %d lines, %d left out", len(got.JSON), len(got.Text), got.Lines, got.LeftOut)
	}
	text := strings.Split(strings.TrimSpace(string(got.Text)), "\n")
	if !strings.Contains(text[0], "first of all") || !strings.Contains(text[1], "PROFILE [Office] old") || !strings.HasSuffix(text[len(text)-1], "LINE [Office] 299") {
		t.Errorf("it is %q", text)
	}
	r := &Report{Log: got}
	if s := r.Summary(); !strings.Contains(s, fmt.Sprint(got.LeftOut, " lines older ones were left out")) {
		t.Errorf("it is not said that lines are missing:\n%s", s)
	}
}

// The service is asked for a redacted log, and nothing comes from elsewhere.
func TestRedacted(t *testing.T) {
	s := clienttest.Start(t)
	s.Stored = []client.Profile{{Name: "lisa at home", UUID: "u", Support: "help@example.com"}}
	s.Say(client.Status{State: client.Failed, Profile: "lisa at home", UUID: "u", Reason: "P2_SELECTOR", Seen: "192.168.10.201 refused, lisa"})
	s.Write(line(t, "FAILED", "user-1 at home", "P2_SELECTOR", "reason", "P2_SELECTOR", "seen", "inner-1 refused, user-1"))
	c, err := client.Dial(t.Context(), s.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := collect(t, c, Options{Redact: true})
	for _, text := range []string{string(message(t, r)), r.Summary(), r.Subject(), r.FileName(time.Now())} {
		if strings.Contains(text, "lisa") || strings.Contains(text, "192.168.10.201") {
			t.Errorf("it is not redacted:\n%s", text)
		}
	}
	if asked := s.Asked(); len(asked) != 1 || asked[0] != (client.LogOptions{JSON: true, Redact: true}) {
		t.Errorf("it was asked for %+v", asked)
	}
	if !strings.Contains(r.Summary(), "replaced by placeholders") || !strings.Contains(r.Summary(), "inner-1 refused, user-1") {
		t.Errorf("%s", r.Summary())
	}
}

func TestNothingHasFailed(t *testing.T) {
	s := clienttest.Start(t)
	s.Say(client.Status{State: client.Connected, Profile: "Office", UUID: "u"})
	s.Write("not JSON at all")
	s.Write(line(t, "FAILED", "Office", "CANCELLED", "reason", "CANCELLED"))
	c, err := client.Dial(t.Context(), s.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := collect(t, c, Options{})
	if r.Subject() != "muvpn: Office: connected" || !strings.Contains(r.Summary(), "The log tells of no failure.") || r.To != nil {
		t.Errorf("%s\n%s", r.Subject(), r.Summary())
	}
}

func TestSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.eml")
	if err := Save(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := Save(path, []byte("y")); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("writing over it: %v", err)
	}
}

func TestFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	want := func(folder string) {
		t.Helper()
		if got := Folder(); got != folder {
			t.Errorf("the folder is %q, want %q", got, folder)
		}
	}
	want(".")
	os.Mkdir(filepath.Join(home, "Downloads"), 0o700)
	want(filepath.Join(home, "Downloads"))
	os.Mkdir(filepath.Join(home, ".config"), 0o700)
	os.WriteFile(filepath.Join(home, ".config", "user-dirs.dirs"), []byte("# x\nXDG_DOWNLOAD_DIR=\"$HOME/Herunter\"\n"), 0o600)
	want(filepath.Join(home, "Downloads")) // it was named, and is not there
	os.Mkdir(filepath.Join(home, "Herunter"), 0o700)
	want(filepath.Join(home, "Herunter"))
}
