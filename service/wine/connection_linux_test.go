package wine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"muvpn/client"
)

// condition is what these tests read of `muvpn status --json`.
type condition struct {
	State, Reason string
	KillSwitch    string `json:"kill_switch"`
	Proxy         struct{ HTTP string }
	PacketsIn     int `json:"packets_in"`
	Policy        client.Policy
}

func (w *world) status() (now condition) {
	w.t.Helper()
	text := w.must("", muvpn, "status", "--json")
	if err := json.Unmarshal([]byte(text), &now); err != nil {
		w.t.Fatalf("%v: %s", err, text)
	}
	return now
}

// importProfile has lisa's profile stored, by its passphrase on standard input,
// and none of its secrets where others could read them.
func importProfile(t *testing.T, w *world) {
	w.copyIn(filepath.Join(samples, "lisa.exp"), "lisa.exp")
	if said, err := w.try("not the passphrase\n", muvpn, "import", `C:\lisa.exp`, "--passphrase-stdin", "--yes", "--legacy"); err == nil {
		t.Errorf("with another passphrase it says %s", said)
	}
	w.must(passphrase, muvpn, "import", `C:\lisa.exp`, "--passphrase-stdin", "--yes", "--legacy")
	if said := w.must("", muvpn, "profiles"); !strings.Contains(said, "Office") {
		t.Errorf("the profiles are\n%s", said)
	}
	w.sealed()
}

// sealed makes sure that no file of the state holds the key of lisa's profile, and
// that there is one of secrets.
func (w *world) sealed() {
	w.t.Helper()
	config, err := os.ReadFile(filepath.Join(samples, "gateway.toml"))
	if err != nil {
		w.t.Fatal(err)
	}
	key := regexp.MustCompile(`(?m)^\s*psk\s*=\s*"(.*)"`).FindSubmatch(config)
	if key == nil {
		w.t.Fatal("gateway.toml has no psk")
	}
	secrets := 0
	err = filepath.WalkDir(w.disk("ProgramData", "muvpn"), func(path string, file os.DirEntry, err error) error {
		if err != nil || file.IsDir() {
			return err
		}
		if strings.HasSuffix(path, ".secrets") {
			secrets++
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, key[1]) {
			w.t.Errorf("the key stands in %s", path)
		}
		return err
	})
	if err != nil || secrets == 0 {
		w.t.Errorf("%d files of secrets, %v", secrets, err)
	}
}

// noDriver: wine has no interface for wintun.dll, and it is not there either.
func noDriver(t *testing.T, w *world) {
	if said, err := w.try("", muvpn, "up", "--wait", "1m"); err == nil || !strings.Contains(said, "NO_TUN") || !strings.Contains(said, "wintun.dll") {
		t.Errorf("up: %v: %s", err, said)
	}
	if now := w.status(); now.State != "failed" || now.Reason != "NO_TUN" {
		t.Errorf("it is %+v", now)
	}
	w.must("", muvpn, "down")
}

// killSwitch: where there is no filtering engine a kill switch that is armed is in
// force nowhere, and the service says so, and lives; nobody is told that it is off.
func killSwitch(t *testing.T, w *world) {
	w.must("", muvpnd, "stop")
	armed := w.disk("ProgramData", "muvpn", "killswitch")
	if err := os.WriteFile(armed, []byte("spoiled"), 0o600); err != nil { // is one with nothing allowed
		t.Fatal(err)
	}
	w.must("", muvpnd, "start")
	w.answers()
	if now := w.status(); now.KillSwitch != "unset" {
		t.Errorf("it is %+v", now)
	}
	if said, err := w.try("", muvpn, "up", "--wait", "1m"); err == nil {
		t.Errorf("it connects: %s", said)
	}
	w.refused("the kill switch is on", muvpnd, "uninstall")
	w.must("", muvpnd, "stop")
	w.refused("the kill switch stays on", muvpnd, "unblock")
	if err := os.Remove(armed); err != nil {
		t.Fatal(err)
	}
	w.must("", muvpnd, "start")
	w.answers()
}

// connect is the whole way of `make demo`, with the programs for Windows and a
// gateway of this machine's: with what the service has sealed and an earlier
// process has written.
func connect(t *testing.T, w *world) {
	w.gateway()
	w.background("wine", muvpnd, "run", "--userspace")
	w.answers()
	w.must("", muvpn, "up", "--wait", "1m")
	before := w.status()
	if before.State != "connected" {
		t.Fatalf("it is %+v", before)
	}
	if text := w.fetch(before.Proxy.HTTP); !strings.Contains(text, "Welcome to the office network") {
		t.Errorf("the page is\n%s", text)
	}
	if now := w.status(); now.PacketsIn <= before.PacketsIn {
		t.Errorf("no packets came through the tunnel: %+v, then %+v", before, now)
	}
	if said := w.must("", muvpn, "diagnose"); !strings.Contains(said, "Nothing is wrong") {
		t.Errorf("the diagnosis is\n%s", said)
	}
	if log := w.must("", muvpn, "log"); !strings.Contains(log, "Phase 1 completed as initiator") || !strings.Contains(log, "on Windows") {
		t.Errorf("the log is\n%s", log)
	}
	w.must("", muvpn, "down")
	if said := w.must("", muvpn, "diagnose"); !strings.Contains(said, "the gateway accepts what the profile offers") {
		t.Errorf("the diagnosis is\n%s", said)
	}
	w.must("", "taskkill", "/f", "/im", "muvpnd.exe")
	w.await("without an answer by muvpnd", startTime, func() bool {
		_, err := w.try("", muvpn, "status")
		return err != nil
	})
}

// fetch is the office's page, as this test program fetches it in the world.
func (w *world) fetch(proxy string) string {
	w.t.Helper()
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := w.inside(w.t.Context(), "/", self)
	cmd.Env = append(cmd.Env, "WINE_TEST_PROXY="+proxy)
	return run(w.t, cmd)
}

// anotherUser has the same disk, and no key: the account of lisa's, in whose
// Windows the same files lie.
func anotherUser(t *testing.T, w *world, windows string) {
	other := fresh(t, windows, "lisa")
	for _, folder := range []string{"Program Files/muvpn", "ProgramData/muvpn"} {
		if err := os.CopyFS(other.disk(folder), os.DirFS(w.disk(folder))); err != nil {
			t.Fatal(err)
		}
	}
	other.background("wine", muvpnd, "run", "--userspace")
	other.answers()
	other.refused("Office cannot be used: its secrets were sealed for another account or computer", muvpn, "up", "--wait", "1m")
}

// remove takes the profile and its secrets away.
func remove(t *testing.T, w *world) {
	w.must("", muvpnd, "start")
	w.answers()
	w.must("", muvpn, "remove", "Office")
	if left, err := filepath.Glob(w.disk("ProgramData", "muvpn", "profiles", "*.secrets")); err != nil || left != nil {
		t.Errorf("secrets are left: %v, %v", left, err)
	}
	w.refused("no profile", muvpn, "up")
	w.must("", muvpnd, "stop")
}

// ownTests plays the tests of a package that are meant for it.
func (w *world) ownTests(t *testing.T, folder, name, names string) {
	dir, err := filepath.Abs(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandTime)
	defer cancel()
	said, err := w.inside(ctx, dir, "wine", filepath.Join(folder, testProgram(name)), "-test.v", "-test.timeout=2m", "-test.run="+names).CombinedOutput()
	if err != nil {
		t.Fatalf("wine: %v\n%s", err, said)
	}
	results := regexp.MustCompile(`(?m)^--- (PASS|SKIP): (\w+)|^    \w+_test.go:\d+: (.*)`).FindAllStringSubmatch(string(said), -1)
	report(t, name, results)
}

// report prints which tests have passed, and why one was skipped.
func report(t *testing.T, name string, results [][]string) {
	passed, why := 0, ""
	for _, r := range results {
		switch {
		case r[1] == "PASS":
			passed++
		case r[1] == "":
			why = r[3]
		default:
			fmt.Printf("wine:   %s: skipped, %s\n", r[2], why)
		}
	}
	if passed == 0 {
		t.Error("no test was played")
	}
	fmt.Printf("wine: %d tests of %s passed\n", passed, name)
}
