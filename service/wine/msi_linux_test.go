package wine

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"muvpn/profile"
)

// msiVersions are those that are installed one after the other, and msiCode finds
// the product code of one.
var msiVersions = []string{"1.0.0", "1.0.1"}

// makeMSI makes the MSI of a version out of the programs in a folder.
func makeMSI(t *testing.T, programs, version string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"wintun.dll": "no library", "LICENSE.txt": "no licence"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", "./installers/windows", "-kinds", "msi", "-describe", "v"+version, "-epoch", "1790000000", "-programs", programs,
		"-wintun", filepath.Join(dir, "wintun.dll"), "-wintun-dummy", "-tools", os.Getenv("MUVPN_TOOLS"),
		"-work", filepath.Join(dir, "work"), "-out", filepath.Join(dir, "out"))
	cmd.Dir = "../.."
	run(t, cmd)
	return filepath.Join(dir, "out", "muvpn-"+version+"-amd64-NOT-FOR-USE.msi")
}

// The signers of the tests: the first is the one that is pinned.
var (
	pinnedSigner = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	otherSigner  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

// given lays what an administrator gives an installer into C:\given.
func (w *world) given() {
	w.t.Helper()
	key := base64.StdEncoding.EncodeToString(pinnedSigner.Public().(ed25519.PublicKey))
	for name, text := range map[string][]byte{
		"signers":    []byte("# Example Ltd\r\n" + key + "\r\n"),
		"spoiled":    []byte(key + "\r\nnonsense\r\n"),
		"phrase.txt": []byte(passphrase),
		"office.exp": exported(w.t, "Office", pinnedSigner),
		"other.exp":  exported(w.t, "Other", otherSigner),
	} {
		file := filepath.Join(w.t.TempDir(), name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			w.t.Fatal(err)
		}
		w.copyIn(file, "given", name)
	}
}

// exported is a profile that somebody has signed, as a file.
func exported(t *testing.T, name string, signer ed25519.PrivateKey) []byte {
	t.Helper()
	p := profile.Profile{
		Name:    name,
		Meta:    profile.Meta{UUID: fmt.Sprintf("6f1c7a52-9d3e-4b8a-a1c4-2f60d98e%04x", len(name)), Serial: 1, Issuer: name + " Ltd"},
		Gateway: profile.Gateway{Addresses: []string{"firebox.example.com"}},
		Auth: profile.Auth{
			LocalID: profile.ID{Type: "user_fqdn", Value: "lisa"},
			PSK:     profile.PSK{Source: "inline", Value: profile.NewSecret([]byte("wJ3pQz8nVb5tKx2mRd7c"))},
		},
		Network: profile.Network{
			VirtualIP: profile.VirtualIP{Address: netip.MustParseAddr("192.168.10.201")},
			Networks:  []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
		},
	}
	raw, err := profile.Seal(p, []byte(strings.TrimSpace(passphrase)), profile.SealOptions{Signer: signer, Now: time.Now(),
		Cost: profile.KDF{Time: 1, Memory: 19456, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// msiexec has an MSI installed or removed without a window, and returns the log.
func (w *world) msiexec(args ...string) (log string, err error) {
	w.t.Helper()
	if err := os.RemoveAll(w.disk("msi.log")); err != nil {
		w.t.Fatal(err)
	}
	said, err := w.try("", append([]string{"msiexec"}, append(args, "/qn", "/l*v", `C:\msi.log`)...)...)
	text, unread := os.ReadFile(w.disk("msi.log"))
	if unread != nil {
		w.t.Fatalf("wine: msiexec %q: %v: %s, and %v", args, err, said, unread)
	}
	return unicode(text), err
}

// unicode is a log's text: of the kind that Windows writes, or of wine's.
func unicode(text []byte) string {
	if !bytes.HasPrefix(text, []byte{0xff, 0xfe}) {
		return string(text)
	}
	var units []uint16
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i])|uint16(text[i+1])<<8)
	}
	return string(utf16.Decode(units))
}

// installs is msiexec of what has to succeed.
func (w *world) installs(args ...string) string {
	w.t.Helper()
	log, err := w.msiexec(args...)
	if err != nil {
		w.t.Fatalf("wine: msiexec %q: %v:\n%s", args, err, log)
	}
	return log
}

// refuses is msiexec of what has to fail, with these words in the log.
func (w *world) refuses(words string, args ...string) {
	w.t.Helper()
	if log, err := w.msiexec(args...); err == nil || !strings.Contains(log, words) {
		w.t.Errorf("wine: msiexec %q: %v, and the log does not say %q:\n%s", args, err, words, log)
	}
}

// traces are the files and the keys of the registry by which a Windows differs from
// one that never had anything of ours.
type traces struct {
	files []string
	keys  []string
}

// looks at the whole disk, and the whole registry. What wine keeps of every
// installation of anything is left out.
func (w *world) traces() (now traces) {
	w.t.Helper()
	root := w.disk()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && path != root {
			now.files = append(now.files, strings.TrimPrefix(path, root))
		}
		return nil // what goes while we look is none
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, hive := range []string{"HKLM", "HKU"} {
		w.must("", "reg", "export", hive, `C:\registry.reg`, "/y")
		text, err := os.ReadFile(w.disk("registry.reg"))
		if err != nil {
			w.t.Fatal(err)
		}
		key := ""
		for line := range strings.Lines(unicode(text)) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "[") {
				key = line
			}
			now.keys = append(now.keys, key+" "+line)
		}
	}
	if err := os.Remove(w.disk("registry.reg")); err != nil {
		w.t.Fatal(err)
	}
	return now
}

// since are the traces that were not there before.
func (now traces) since(before traces) (list []string) {
	for _, pair := range [][2][]string{{before.files, now.files}, {before.keys, now.keys}} {
		was := map[string]bool{}
		for _, trace := range pair[0] {
			was[trace] = true
		}
		for _, trace := range pair[1] {
			if !was[trace] && !everybodys.MatchString(trace) {
				list = append(list, trace)
			}
		}
	}
	slices.Sort(list)
	return list
}

// everybodys are traces that every installation of anything leaves in wine, and
// those of the tests themselves.
var everybodys = regexp.MustCompile(`(?i)^(/given|/msi\.log|/users/root/temp|/windows/installer$|\[HKEY_LOCAL_MACHINE\\System\\CurrentControlSet\\Control\\Video\\)`)
