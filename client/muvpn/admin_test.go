package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muvpn/profile"
)

const signerPassphrase = "correct horse battery"

// desk is where an administrator works: a folder with a site file, and a signer
// unless the test makes its own.
func desk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	wantCode(t, admin(t, "", "init"), 0)
	return dir
}

// admin runs muvpn admin with the signer's passphrase on standard input.
func admin(t *testing.T, input string, args ...string) said {
	t.Helper()
	return piped(t, nil, input, append([]string{"admin"}, args...)...)
}

// issue is muvpn admin issue with the usual names.
func issue(t *testing.T, more ...string) said {
	t.Helper()
	return admin(t, signerPassphrase+"\n", append([]string{"issue", "--site", "site.toml", "--roster", "users.csv", "--out", "out", "--secrets", "secrets", "--passphrase-stdin"}, more...)...)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAdminInitOverwritesNothing(t *testing.T) {
	desk(t)
	before := read(t, "site.toml")
	write(t, "site.toml", "mine")
	got := admin(t, "", "init")
	wantCode(t, got, 1)
	wantText(t, got.err, "site.toml is there already")
	wantCode(t, admin(t, "", "init", "other.toml"), 0)
	if read(t, "site.toml") != "mine" || read(t, "other.toml") != before {
		t.Error("a site file is not what it should be")
	}
}

func TestAdminKeygen(t *testing.T) {
	desk(t)
	got := typed(t, nil, "", []string{signerPassphrase, signerPassphrase}, "admin", "keygen")
	wantCode(t, got, 0)
	key, err := profile.OpenSigner([]byte(read(t, "signer.key")), []byte(signerPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	public := key.Public().(ed25519.PublicKey)
	if want := base64.StdEncoding.EncodeToString(public) + "  # " + profile.Fingerprint(public) + "\n"; got.out != want {
		t.Errorf("printed %q, want %q", got.out, want)
	}
	wantText(t, got.err, profile.Fingerprint(public))
	if info, _ := os.Stat("signer.key"); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	got = admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin")
	wantCode(t, got, 1)
	wantText(t, got.err, "is not overwritten")
	for name, c := range map[string]struct {
		typed []string
		want  string
	}{
		"short":     {[]string{"short"}, "fewer than 12"},
		"different": {[]string{signerPassphrase, signerPassphrase + "x"}, "differ"},
	} {
		got := typed(t, nil, "", c.typed, "admin", "keygen", "new.key")
		wantCode(t, got, 1)
		wantText(t, got.err, c.want)
		if _, err := os.Stat("new.key"); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// The whole way: issue, change, issue again, revoke, issue again.
func TestAdminIssue(t *testing.T) {
	desk(t)
	wantCode(t, admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin"), 0)
	write(t, "users.csv", "user,name,expires\nlisa,Lisa\nbart,Bart\nmaggie,Maggie\n")
	got := issue(t)
	wantCode(t, got, 0)
	if want := strings.ReplaceAll("out/lisa.exp\nout/bart.exp\nout/maggie.exp\n", "/", string(filepath.Separator)); got.out != want {
		t.Errorf("made %q", got.out)
	}
	wantText(t, got.err, "3 of 3 users have a new profile")
	private(t, "secrets", "site.state.json")
	before := read(t, "out/lisa.exp")

	write(t, "users.csv", "user,name,expires\nlisa,Lisa\nbart,Bart,2099-12-31\nmaggie,Maggie\n")
	if got = issue(t); got.out != filepath.Join("out", "bart.exp")+"\n" || read(t, "out/lisa.exp") != before {
		t.Errorf("issued again: %q, %s", got.out, got.err)
	}
	wantCode(t, admin(t, "", "revoke", "maggie", "--site", "site.toml"), 0)
	got = admin(t, "", "revoke", "--site", "site.toml")
	wantText(t, got.out, "maggie  "+time.Now().UTC().Format("2006-"))
	if got = issue(t); got.out != "" || strings.Contains(read(t, "secrets/gateway/muvpn-testgw.toml"), "maggie") {
		t.Errorf("issued after a revocation: %q", got.out)
	}
	wantText(t, got.err, "maggie (A4) was revoked", "0 of 2")
	opens(t, "lisa", 1)
	opens(t, "bart", 2)
}

// private checks that nobody else can read what is there.
func private(t *testing.T, names ...string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	for _, name := range names {
		filepath.Walk(name, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
			return nil
		})
	}
}

// opens checks that a user's file opens with the passphrase on the sheet.
func opens(t *testing.T, user string, serial uint64) {
	t.Helper()
	_, row, _ := strings.Cut(read(t, "secrets/passphrases.csv"), "\n"+user+",")
	passphrase := strings.Split(row, ",")[2]
	sealed, err := profile.ParseEXP([]byte(read(t, "out/"+user+".exp")))
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := sealed.Open(sealed.DeriveKey([]byte(passphrase)))
	if err != nil || sealed.Header.Serial != serial || sealed.Header.Signer == nil || p.User != user {
		t.Errorf("%s: serial %d, %v", user, sealed.Header.Serial, err)
	}
}

// What is wrong is said before anything is written.
func TestAdminIssueRefuses(t *testing.T) {
	desk(t)
	write(t, "users.csv", "user\nlisa\n")
	wantText(t, issue(t).err, "signer.key", "is not there")
	wantCode(t, admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin"), 0)
	wantText(t, issue(t, "--secrets", "out").err, "--same-folder")
	wantText(t, issue(t, "--secrets", "out/below").err, "--same-folder")
	write(t, "users.csv", "user,virtual IP\nlisa,nowhere\nLisa,192.168.10.2\n")
	got := issue(t)
	wantCode(t, got, 1)
	wantText(t, got.err, "has 3 faults", "B2 (virtual IP)", "A3 (user)", "B3 (virtual IP): 192.168.10.2 is a server's address")
	write(t, "users.csv", "user\nlisa\n")
	wrong := admin(t, "wrong passphrase\n", "issue", "--site", "site.toml", "--roster", "users.csv", "--out", "out", "--secrets", "secrets", "--passphrase-stdin")
	wantCode(t, wrong, 1)
	wantText(t, wrong.err, "wrong passphrase of the signer's file")
	for _, name := range []string{"out", "secrets", "site.state.json", "site.journal"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s was made", name)
		}
	}
	wantCode(t, admin(t, "", "issue", "--site", "site.toml"), 2)
}

// A folder of secrets must be the administrator's alone, and that of the last
// time.
func TestAdminIssueKeepsSecrets(t *testing.T) {
	desk(t)
	site := strings.Replace(read(t, "site.toml"), `"signer.key"`, `""`, 1)
	write(t, "site.toml", site)
	write(t, "users.csv", "user\nlisa\n")
	if err := os.Mkdir("open", 0o755); err != nil {
		t.Fatal(err)
	}
	if got := issue(t, "--secrets", "open"); runtime.GOOS != "windows" {
		wantText(t, got.err, "others can look into open")
	}
	got := issue(t, "--secrets", "out", "--same-folder")
	wantCode(t, got, 0)
	wantText(t, got.err, "not signed")
	private(t, "out/keys.json", "out/gateway")
	wantText(t, issue(t).err, "keys.json, although 1 user had been issued before")
}

// Two sites in one folder stay apart: neither gets the other's keys, nor writes over
// its profiles.
func TestAdminTwoSites(t *testing.T) {
	dir := desk(t)
	write(t, "site.toml", strings.Replace(read(t, "site.toml"), `"signer.key"`, `""`, 1))
	write(t, "other.toml", read(t, "site.toml"))
	write(t, "users.csv", "user\nlisa\nbart\n")
	wantCode(t, issue(t), 0)
	before := folder(t, dir)
	for what, got := range map[string]said{
		"secrets has the secrets of another site":                       issue(t, "--site", "other.toml", "--out", "outer"),
		filepath.Join("out", "lisa.exp") + " is the profile of another": issue(t, "--site", "other.toml", "--secrets", "others"),
	} {
		wantCode(t, got, 1)
		wantText(t, got.err, what, "nothing was written")
	}
	if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
		t.Errorf("a refused one has written:\n%s", diff)
	}
	wantCode(t, issue(t, "--site", "other.toml", "--out", "outer", "--secrets", "others"), 0)
	wantText(t, issue(t).err, "0 of 2")
	if !strings.HasSuffix(before["secrets/keys.json"], read(t, "secrets/keys.json")) {
		t.Error("the first site's keys are others")
	}
	if err := os.Remove("site.state.json"); err != nil {
		t.Fatal(err)
	}
	wantText(t, issue(t).err, "or site.state.json is not that of its last issue")
}

// The list of the revoked needs no lock, nor a folder that can be written.
func TestAdminListsWithoutLock(t *testing.T) {
	desk(t)
	if err := os.Mkdir("site.lock", 0o700); err != nil { // no lock can be had, also not by root
		t.Fatal(err)
	}
	wantCode(t, admin(t, "", "revoke", "lisa", "--site", "site.toml"), 1)
	got := admin(t, "", "revoke", "--site", "site.toml")
	wantCode(t, got, 0)
	wantText(t, got.err, "Nobody is revoked.")
	wantCode(t, admin(t, "", "revoke", "--site", "sight.toml"), 1)
}

// An issue that was killed between two files is ended by the next command.
func TestAdminEndsWhatWasKilled(t *testing.T) {
	dir := desk(t)
	write(t, "site.toml", strings.Replace(read(t, "site.toml"), `"signer.key"`, `""`, 1))
	write(t, "users.csv", "user\nlisa\n")
	wantCode(t, issue(t), 0)
	write(t, "waits", read(t, "site.state.json"))
	write(t, "site.journal", fmt.Sprintf(`{"moves":[{"from":%q,"to":%q,"mode":448}]}`, filepath.Join(dir, "waits"), filepath.Join(dir, "site.state.json")))
	if err := os.Remove("site.state.json"); err != nil {
		t.Fatal(err)
	}
	before := folder(t, dir)
	got := admin(t, "", "revoke", "--site", "site.toml")
	wantCode(t, got, 0)
	wantText(t, got.err, "was interrupted: what it changes is not in this list yet")
	if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
		t.Errorf("the list has written:\n%s", diff)
	}
	got = admin(t, "", "revoke", "lisa", "--site", "site.toml")
	wantCode(t, got, 0)
	wantText(t, got.err, "interrupted", "lisa is revoked")
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		done, width int
		want        string
	}{
		{0, 79, "Sealing [------------------------------] 0 of 1000"},
		{250, 79, "Sealing [#######-----------------------] 250 of 1000, 30s left"},
		{1000, 79, "Sealing [##############################] 1000 of 1000"},
		{250, 50, "Sealing [####--------------] 250 of 1000, 30s left"},
		{250, 32, "Sealing 250 of 1000, 30s left"},
		{250, 25, "250 of 1000, 30s left"},
		{250, 20, "Sealing 250 of 1000"},
		{250, 12, "250 of 1000"},
		{250, 5, "250 o"},
		{250, -1, ""},
	} {
		if got := bar("Sealing", c.done, 1000, 10*time.Second, c.width); got != c.want {
			t.Errorf("%d of %d columns: %q", c.done, c.width, got)
		}
	}
}

// The bar stays on its line, however narrow, and leaves an empty one. Where nobody
// watches there is none.
func TestProgress(t *testing.T) {
	for _, live := range []bool{true, false} {
		var screen bytes.Buffer
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		term := &terminal{err: &screen, live: live, width: func() int { return 40 }}
		p := term.progress("Sealing", 300, func() time.Time { now = now.Add(70 * time.Millisecond); return now })
		for done := range 301 {
			p.tell(done)
		}
		p.end()
		if !live {
			if screen.Len() > 0 {
				t.Errorf("nobody watches, and it says %q", screen.String())
			}
			continue
		}
		lines := strings.Split(screen.String(), "\r")
		for _, line := range lines {
			if len(line) > 39 || strings.ContainsAny(line, "\n\x1b") {
				t.Errorf("a line of %d: %q", len(line), line)
			}
		}
		if n := len(lines); n < 100 || !strings.Contains(screen.String(), "300 of 300") || strings.TrimSpace(lines[n-2]+lines[n-1]) != "" {
			t.Errorf("%d lines, the last ones %q", n, lines[max(0, n-3):])
		}
	}
}
