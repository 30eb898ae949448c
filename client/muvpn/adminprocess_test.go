package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMain is muvpn itself when a test has started it as such: what is about
// processes is tried with processes.
func TestMain(m *testing.M) {
	if os.Getenv("MUVPN_TEST_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is muvpn as a process of its own: the built one that MUVPN_PROGRAMS names,
// else the tests' own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if folder := os.Getenv("MUVPN_PROGRAMS"); folder != "" {
		return exec.CommandContext(t.Context(), folder+"/muvpn", args...)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = append(os.Environ(), "MUVPN_TEST_PROGRAM=1")
	return c
}

// ran is a process that has ended.
func ran(t *testing.T, input string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	c := program(t, args...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(input), &out, &errs
	if err := c.Run(); c.ProcessState == nil {
		t.Error(err)
		return said{code: -1}
	}
	return said{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

// issueArgs are the arguments of admin issue with the usual names.
var issueArgs = strings.Fields("admin issue --site site.toml --roster users.csv --out out --secrets secrets --passphrase-stdin")

// waiting is an admin issue that waits for the signer's passphrase, after it has
// said what it says before: it has the site.
func waiting(t *testing.T) (c *exec.Cmd, passphrase io.WriteCloser) {
	t.Helper()
	c = program(t, issueArgs...)
	passphrase, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	if line, err := bufio.NewReader(errs).ReadString('\n'); !strings.Contains(line, "write keep again") {
		t.Fatalf("it says %q, %v", line, err)
	}
	return c, passphrase
}

// While one is at work with a site, the next one is refused and changes nothing; and
// one that was killed keeps nobody out.
func TestAdminOneAtATime(t *testing.T) {
	dir := desk(t)
	wantCode(t, admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin"), 0)
	write(t, "users.csv", "user,rotate\nlisa,rotate\nbart\n")
	wantCode(t, issue(t), 0)

	first, passphrase := waiting(t)
	before := folder(t, dir)
	for _, args := range [][]string{issueArgs, {"admin", "revoke", "lisa", "--site", "site.toml"}} {
		got := ran(t, signerPassphrase+"\n", args...)
		wantCode(t, got, 1)
		wantText(t, got.err, "another muvpn admin is at work with site.toml: nothing was written; wait until it has ended")
	}
	write(t, "other.toml", read(t, "site.toml"))
	wantText(t, issue(t, "--site", "other.toml").err, "another muvpn admin is at work with secrets")
	if err := os.Remove("other.toml"); err != nil {
		t.Fatal(err)
	}
	got := ran(t, "", "admin", "revoke", "--site", "site.toml")
	wantCode(t, got, 0)
	wantText(t, got.err, "Nobody is revoked.")
	if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
		t.Errorf("a refused one has written:\n%s", diff)
	}
	io.WriteString(passphrase, signerPassphrase+"\n")
	if err := first.Wait(); err != nil {
		t.Errorf("the first one: %v", err)
	}
	opens(t, "lisa", 2)

	killed, _ := waiting(t)
	killed.Process.Kill()
	killed.Wait()
	got = ran(t, "", "admin", "revoke", "lisa", "--site", "site.toml")
	wantCode(t, got, 0)
	got = ran(t, signerPassphrase+"\n", issueArgs...)
	wantCode(t, got, 0)
	wantText(t, got.err, "lisa (A2) was revoked")
	for name := range folder(t, dir) {
		if strings.HasSuffix(name, "lock") {
			t.Errorf("%s is left behind", name)
		}
	}
}

// Folders that are not there yet are one's own, too, from the beginning; and one that
// is refused, or killed, leaves none behind that keeps anybody out.
func TestAdminFirstOnesOneAtATime(t *testing.T) {
	desk(t)
	wantCode(t, admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin"), 0)
	write(t, "users.csv", "user,rotate\nlisa,rotate\n")
	write(t, "other.toml", read(t, "site.toml"))
	first, _ := waiting(t)
	wantText(t, issue(t, "--site", "other.toml", "--out", "far/away").err, "another muvpn admin is at work with secrets")
	wantText(t, issue(t, "--site", "other.toml", "--secrets", "far/away").err, "another muvpn admin is at work with out")
	if _, err := os.Stat("far"); err == nil {
		t.Error("a refused one has made a folder")
	}
	first.Process.Kill()
	first.Wait()
	wantCode(t, issue(t), 0)
	private(t, "secrets")
	wantCode(t, issue(t, "--site", "other.toml", "--out", "far/away", "--secrets", "far/away", "--same-folder"), 0)
	private(t, "far/away/keys.json", "far/away/gateway")
}

// Of many at once each is either done or refused, and what is done is remembered.
func TestAdminManyAtOnce(t *testing.T) {
	desk(t)
	write(t, "site.toml", strings.Replace(read(t, "site.toml"), `"signer.key"`, `""`, 1))
	const users = 4
	roster := "user\n"
	for n := range users {
		roster += "user" + strconv.Itoa(n) + "\n"
	}
	write(t, "users.csv", roster)
	wantCode(t, issue(t), 0)
	var left []string
	for n := range users {
		left = append(left, "user"+strconv.Itoa(n))
	}
	for rounds := 0; len(left) > 0 && rounds < 100; rounds++ {
		left = revokedAtOnce(t, left)
	}
	list := admin(t, "", "revoke", "--site", "site.toml").out
	if n := strings.Count(list, "\nuser"); n != users {
		t.Errorf("%d of %d are remembered:\n%s", n, users, list)
	}
}

// revokedAtOnce has a process for each user, and returns those who were refused.
func revokedAtOnce(t *testing.T, names []string) (refused []string) {
	t.Helper()
	codes := make([]said, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { codes[i] = ran(t, "", "admin", "revoke", name, "--site", "site.toml") })
	}
	all.Wait()
	for i, got := range codes {
		if got.code != 0 {
			wantText(t, got.err, "another muvpn admin is at work with site.toml")
			refused = append(refused, names[i])
		}
	}
	return refused
}
