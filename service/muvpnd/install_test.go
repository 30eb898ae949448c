package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/*.golden again")

// What the service managers are given, for a path with a space: absolute and
// one word, so that nobody can slip in a program of another name
// (CVE-2023-50446).
func TestServiceFiles(t *testing.T) {
	const program = "/opt/office vpn/muvpnd"
	sealed, err := unitText(program, "muvpn-state-key", byInstall)
	if err != nil {
		t.Fatal(err)
	}
	unsealed, err := unitText(program, "", byInstall)
	if err != nil {
		t.Fatal(err)
	}
	job, err := plistText(program, "/var/log/muvpnd.log")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"sealed.service": sealed, "unsealed.service": unsealed, "muvpnd.plist": job} {
		golden := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if text != string(want) {
			t.Errorf("%s is not as in %s (go test ./service/muvpnd -run TestServiceFiles -update):\n%s", name, golden, text)
		}
	}
	if n := strings.Count(sealed, "Credential"); n != 1 || strings.Contains(unsealed, "Credential") {
		t.Errorf("the credential stands in the unit %d times", n)
	}
}

// What this machine lacks keeps the service from no start: without it nobody
// could lift a kill switch.
func TestUnitNeedsNothingThatMayBeMissing(t *testing.T) {
	unit, err := unitText("/opt/muvpnd", "", byPackage)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(unit) {
		setting, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if !strings.HasSuffix(setting, "Paths") || setting == "ReadWritePaths" {
			continue
		}
		for _, path := range strings.Fields(value) {
			if !strings.HasPrefix(path, "-/") {
				t.Errorf("%s=%s has to be there", setting, path)
			}
		}
	}
}

// A path that a service manager would read as something else is refused.
func TestMeaningfulPaths(t *testing.T) {
	for _, path := range []string{`/opt/a"b`, "/opt/100%", "/opt/$HOME", `/opt/a\x20b`, "/opt/{{x}}", "/opt/a\nExecStartPre=/bin/evil"} {
		if text, err := unitText(path, "", byPackage); err == nil {
			t.Errorf("systemd would be given\n%s", text)
		}
	}
	for _, path := range []string{"/opt/<a>", "/opt/a&b", "/opt/{{x}}", "/opt/a\nb"} {
		if text, err := plistText(path, "x"); err == nil {
			t.Errorf("launchd would be given\n%s", text)
		}
	}
}

// A service that has gone leaves its store alone, or takes it along, but never
// under the feet of another.
func TestKeepOrPurge(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	var said strings.Builder
	say := func(format string, _ ...any) { said.WriteString(format) }
	if err := keepOrPurge(state, true, say); err != nil || said.Len() > 0 {
		t.Errorf("of nothing it says %q, %v", said.String(), err)
	}
	if err := os.MkdirAll(filepath.Join(state, "profiles"), 0o700); err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(filepath.Join(state, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := keepOrPurge(state, true, say); err == nil || !strings.Contains(err.Error(), "another muvpnd") {
		t.Errorf("another muvpnd runs: %v", err)
	}
	unlock()
	if _, err := os.Stat(filepath.Join(state, "profiles")); err != nil {
		t.Errorf("the profiles are gone: %v", err)
	}
}

// Only an administrator gets further than the first sentence.
func TestOrdinaryUsersInstallNothing(t *testing.T) {
	if privileged() {
		t.Skip("an administrator's install would be real; make systemd plays it")
	}
	for _, name := range []string{"install", "uninstall", "start", "stop", "unblock"} {
		if code := execute(t.Context(), []string{name}); code != 1 {
			t.Errorf("muvpnd %s: exit code %d", name, code)
		}
	}
}
