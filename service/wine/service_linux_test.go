package wine

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

const (
	serviceKey = `HKLM\System\CurrentControlSet\Services\muvpnd`
	eventKey   = `HKLM\System\CurrentControlSet\Services\EventLog\Application\muvpnd`
)

// exposedProgram: others could put another program in its place (CVE-2023-50446).
func exposedProgram(t *testing.T, w *world) {
	w.copyIn(w.disk("Program Files", "muvpn", "muvpnd.exe"), "open", "muvpnd.exe")
	if err := os.Chmod(w.disk("open"), 0o777); err != nil {
		t.Fatal(err)
	}
	w.refused("may be changed by S-1-1-0", `C:\open\muvpnd.exe`, "install") // everyone
	if err := os.RemoveAll(w.disk("open")); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"status", "start", "stop", "uninstall"} {
		w.refused("not installed", muvpnd, command)
	}
}

// install enters muvpnd by its quoted path, as the system, with a word for itself
// that the service manager has started it.
func install(t *testing.T, w *world) {
	said := w.must("", muvpnd, "install")
	for _, words := range []string{"muvpnd is installed", "does not know a SID of the service's own: the service does without"} {
		if !strings.Contains(said, words) {
			t.Errorf("it says %q, not %q", said, words)
		}
	}
	w.refused("installed already", muvpnd, "install")
	w.refused("stopped", muvpnd, "status")
	entry := w.must("", "reg", "query", serviceKey)
	for _, words := range []string{`"C:\Program Files\muvpn\muvpnd.exe" run --managed`, "LocalSystem", `Nsi\0TcpIp`, "Mobile User VPN", "Start    REG_DWORD    0x2"} {
		if !strings.Contains(entry, words) {
			t.Errorf("%q is not in the entry\n%s", words, entry)
		}
	}
}

// startService returns at once, and muvpnd serves as a service. By hand nobody
// starts a second one.
func startService(t *testing.T, w *world) {
	w.refused("the service manager has not started this", muvpnd, "run", "--managed")
	w.timed("start")
	w.answers()
	w.must("", muvpnd, "start") // once more changes nothing
	if said := w.must("", "sc", "query", "muvpnd"); !strings.Contains(said, "RUNNING") {
		t.Errorf("the service manager says\n%s", said)
	}
	if said := w.must("", muvpnd, "status"); said != "running" {
		t.Errorf("muvpnd says %s", said)
	}
	if now := w.status(); now.State != "disconnected" || now.KillSwitch != "off" {
		t.Errorf("it is %+v", now)
	}
	w.refused("another muvpnd uses", muvpnd, "run")
	w.answers()
}

// stopService returns at once, and nobody answers.
func stopService(t *testing.T, w *world) {
	w.timed("stop")
	w.must("", muvpnd, "stop")
	w.refused("stopped", muvpnd, "status")
	w.refused("no service listens", muvpn, "status")
}

// uninstall stops it, and leaves nothing with the service manager.
func uninstall(t *testing.T, w *world) {
	w.must("", muvpnd, "start")
	w.answers()
	if said := w.must("", muvpnd, "uninstall"); !strings.Contains(said, `stay in C:\ProgramData\muvpn`) {
		t.Errorf("it says %q", said)
	}
	w.refused("not installed", muvpnd, "status")
	w.refused("not installed", muvpnd, "uninstall")
	w.refused("no service listens", muvpn, "status")
	w.refused("", "sc", "query", "muvpnd")
	for _, key := range []string{serviceKey, eventKey} {
		w.refused("", "reg", "query", key)
	}
	if _, err := os.Stat(w.disk("ProgramData", "muvpn", "profiles")); err != nil {
		t.Error(err)
	}
}

// purge takes the rest away.
func purge(t *testing.T, w *world) {
	w.must("", muvpnd, "install")
	w.must("", muvpnd, "uninstall", "--purge")
	if _, err := os.Stat(w.disk("ProgramData", "muvpn")); !os.IsNotExist(err) {
		t.Errorf("the state is still there: %v", err)
	}
	w.refused("not installed", muvpnd, "status")
}

// timed is a command to the service manager that prints how long it took: it is
// to return at once, which no machine with other work could be held to.
func (w *world) timed(command string) {
	w.t.Helper()
	began := time.Now()
	w.must("", muvpnd, command)
	fmt.Printf("wine:   muvpnd %s returned after %v\n", command, time.Since(began).Round(100*time.Millisecond))
}

// answers waits until muvpnd does.
func (w *world) answers() {
	w.t.Helper()
	w.await("answered by muvpnd", startTime, func() bool {
		_, err := w.try("", muvpn, "status")
		return err == nil
	})
}
