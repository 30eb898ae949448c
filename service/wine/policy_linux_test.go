package wine

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	policyKey = `HKLM\Software\Policies\muvpn`
	stranger  = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=" // nobody's key
)

// policies are set in the registry, as Group Policy sets them, while the service
// runs, and taken out again.
func policies(t *testing.T, w *world) {
	add := func(key string, args ...string) { w.must("", append([]string{"reg", "add", key, "/f"}, args...)...) }
	again := []string{muvpn, "import", `C:\lisa.exp`, "--passphrase-stdin", "--yes", "--legacy"}

	add(policyKey+`\PinnedSigners`, "/v", "1", "/d", stranger)
	if said, err := w.try(passphrase, again...); err == nil || !strings.Contains(said, "its administrator has pinned") {
		t.Errorf("lisa's signer is not pinned: %v: %s", err, said)
	}
	add(policyKey+`\PinnedSigners`, "/v", "2", "/d", signerOf(t, filepath.Join(samples, "lisa.exp")))
	w.must(passphrase, again...)

	add(policyKey, "/v", "KillSwitch", "/t", "REG_DWORD", "/d", "1")
	add(policyKey, "/v", "ReadOnly", "/t", "REG_SZ", "/d", "0")
	if said := w.must("", muvpn, "set", "kill-switch"); !strings.Contains(said, "this computer's policy") {
		t.Errorf("the setting is\n%s", said)
	}
	w.refused("the policy of this computer demands the kill switch", muvpn, "set", "kill-switch", "off")
	now := w.status()
	if p := now.Policy; !p.PinnedSigners || !p.KillSwitch || !p.ReadOnly || len(p.Faults) != 1 || !strings.Contains(p.Faults[0], `HKLM\Software\Policies\muvpn: ReadOnly is`) {
		t.Errorf("the status says %+v", now)
	}
	if log := w.must("", muvpn, "log"); !strings.Contains(log, "The policy of this computer has a fault") {
		t.Errorf("the log is\n%s", log)
	}

	w.must("", "reg", "delete", policyKey, "/f")
	if said := w.must("", muvpn, "set", "kill-switch"); strings.Contains(said, "policy") {
		t.Errorf("the setting is still\n%s", said)
	}
	if now := w.status(); now.Policy.PinnedSigners || now.Policy.KillSwitch || now.Policy.ReadOnly {
		t.Errorf("the status says %+v", now)
	}
}

// signerOf is the public key that a file says it is signed with.
func signerOf(t *testing.T, exp string) string {
	t.Helper()
	text, err := os.ReadFile(exp)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^Signer: (\S+)`).FindSubmatch(text)
	if line == nil {
		t.Fatalf("%s has no signer", exp)
	}
	return string(line[1])
}
