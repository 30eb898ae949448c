package wine

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// productCode is that of an MSI of this machine's.
func productCode(t *testing.T, file string) string {
	t.Helper()
	code := regexp.MustCompile(`(?m)^ProductCode\t(\{[0-9A-F-]+\})`).FindStringSubmatch(run(t, exec.Command("msiinfo", "export", file, "Property")))
	if code == nil {
		t.Fatalf("%s has no product code", file)
	}
	return code[1]
}

// msiexec has an MSI installed or removed without a window, and returns the log.
func (w *world) msiexec(args ...string) (log string, err error) {
	w.t.Helper()
	file := w.disk("msi.log")
	if err := os.RemoveAll(file); err != nil {
		w.t.Fatal(err)
	}
	said, err := w.try("", append([]string{"msiexec"}, append(args, "/qn", "/l*v", `C:\msi.log`)...)...)
	text, unread := os.ReadFile(file)
	if unread != nil {
		w.t.Fatalf("wine: msiexec %q: %v: %s, and %v", args, err, said, unread)
	}
	return plain(text), errorsOf(err, os.Remove(file))
}

// errorsOf is the first error.
func errorsOf(all ...error) error {
	if i := slices.IndexFunc(all, func(err error) bool { return err != nil }); i >= 0 {
		return all[i]
	}
	return nil
}

// plain is a text that Windows has written: UTF-16 if it begins so.
func plain(text []byte) string {
	if !bytes.HasPrefix(text, []byte{0xff, 0xfe}) {
		return string(text)
	}
	var units []uint16
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i])|uint16(text[i+1])<<8)
	}
	return string(utf16.Decode(units))
}

// done is msiexec of what has to succeed.
func (w *world) done(args ...string) string {
	w.t.Helper()
	log, err := w.msiexec(args...)
	if err != nil {
		w.t.Fatalf("wine: msiexec %q: %v:\n%s", args, err, log)
	}
	return log
}

// refusedBy is msiexec of what has to fail, with these words in the log.
func (w *world) refusedBy(words string, args ...string) {
	w.t.Helper()
	if log, err := w.msiexec(args...); err == nil || !strings.Contains(log, words) {
		w.t.Errorf("wine: msiexec %q: %v, and the log does not say %q:\n%s", args, err, words, log)
	}
}

// registry are all keys and values of the computer and of its users, but those that
// wine changes by itself.
func (w *world) registry() (list []string) {
	w.t.Helper()
	for _, hive := range []string{"HKLM", "HKU"} {
		w.must("", "reg", "export", hive, `C:\registry`, "/y")
		text, err := os.ReadFile(w.disk("registry"))
		if err := errorsOf(err, os.Remove(w.disk("registry"))); err != nil {
			w.t.Fatal(err)
		}
		key := ""
		for line := range strings.Lines(plain(text)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "[") {
				key = line
			} else {
				line = key + " " + line
			}
			if !wines.MatchString(line) {
				list = append(list, line)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// wines are the empty keys that the first MSI of all leaves, and what wine keeps of
// screens, services and menus.
var wines = regexp.MustCompile(`(?i)^\[HKEY_LOCAL_MACHINE\\Software\\(Classes|Microsoft\\Windows\\CurrentVersion)\\Installer(\\(UserData(\\S-1-5-18(\\(Components|Products))?)?|Features|Products|UpgradeCodes))?\] ?$` +
	`|\\Control\\Video\\|\\Control\\ServiceCurrent|\\Software\\Wine\\MenuFiles\]|\\Software\\Wine\\Temporary|\\Wine\\Fonts|Explorer\\|ControlSet001\\Enum`)
