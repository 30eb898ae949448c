package profile

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/*/*.golden again")

// TestImportSamples reads every sample of the formats of others: what becomes
// of it, the whole profile and every warning, stands beside it.
func TestImportSamples(t *testing.T) {
	paths, err := filepath.Glob("testdata/*/*.*")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, path := range paths {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		read++
		t.Run(filepath.ToSlash(strings.TrimPrefix(path, "testdata/")), func(t *testing.T) { goldenImport(t, path) })
	}
	if read < 20 {
		t.Errorf("only %d samples were found", read)
	}
}

func goldenImport(t *testing.T, path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := imported(t, raw)
	if *update {
		if err := os.WriteFile(path+".golden", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path + ".golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the import (-want +got):\n%s", diff)
	}
	if strings.Contains(filepath.Base(path), "refused") != strings.HasPrefix(got, "refused") {
		t.Errorf("the name of the sample says otherwise:\n%s", got)
	}
}

// imported is what becomes of a file, as text: format, warnings, profile.
func imported(t *testing.T, raw []byte) string {
	f, err := Recognise(raw)
	if err != nil {
		if strings.Contains(err.Error(), "sEkRiT") {
			t.Errorf("the error quotes a secret: %v", err)
		}
		return fmt.Sprintf("refused\n\n%v\n", err)
	}
	text, err := f.Profile.MarshalWithSecrets()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", f.Format)
	for _, w := range f.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
		if strings.Contains(w, "sEkRiT") {
			t.Errorf("a warning quotes a secret: %s", w)
		}
	}
	writtenAgain(t, f.Profile)
	return b.String() + "\n" + string(text)
}

// TestTheFormOfAFileDoesNotMatter: the samples survive what mail and editors
// do to them.
func TestTheFormOfAFileDoesNotMatter(t *testing.T) {
	for _, path := range []string{
		"testdata/pcf/client5.pcf", "testdata/vpnc/university.conf", "testdata/fritzbox/user.cfg",
		"testdata/safenet/muvpn.reg", "testdata/ncp/firebox.ini",
	} {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(raw), "\r\n", "\n")
		want := imported(t, []byte(text))
		for name, changed := range map[string]string{
			"CRLF":        strings.ReplaceAll(text, "\n", "\r\n"),
			"CR":          strings.ReplaceAll(text, "\n", "\r"),
			"blank ends":  strings.ReplaceAll(text, "\n", " \t\n"),
			"blank lines": strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n\n"), "\\\n\n", "\\\n"),
			"BOM":         "\xef\xbb\xbf" + text,
			"no last end": strings.TrimRight(text, "\n"),
		} {
			if diff := cmp.Diff(want, imported(t, []byte(changed))); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", path, name, diff)
			}
		}
	}
}

// TestUnknownBinary: a file that only its maker can read is refused with what
// to ask for instead, whatever it looks like on the way.
func TestUnknownBinary(t *testing.T) {
	for name, raw := range map[string]string{
		"wgx":          "\x57\x47\x58\x01\x00\x9f\xe1 IPSec gateway \xff",
		"wgm":          "WGM\x00\x00\x01" + strings.Repeat("\xa7\x00", 200),
		"exp of 2001":  "[MUVPN]\r\n" + strings.Repeat("\x8f\xc3\x00", 100),
		"without zero": "\x9c\xe2\x81\xfe\xa0",
	} {
		_, err := Recognise([]byte(raw))
		var refused *Refusal
		if !errors.As(err, &refused) || refused.Kind != UnknownFormat || !strings.Contains(err.Error(), ".wgx") || !strings.Contains(err.Error(), "Shrew Soft VPN") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// keyTest changes one thing in a good sample: what then stands in the profile
// or in the error, and what a warning says.
type keyTest struct{ old, new, want, warns string }

func importChanged(t *testing.T, path string, tests map[string]keyTest) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	for name, test := range tests {
		if !strings.Contains(text, test.old) {
			t.Errorf("%s: the sample has no %q", name, test.old)
			continue
		}
		got := imported(t, []byte(strings.Replace(text, test.old, test.new, 1)))
		if !strings.Contains(got, test.want) || !strings.Contains(got, test.warns) {
			t.Errorf("%s: want %q and a warning %q in:\n%s", name, test.want, test.warns, got)
		}
	}
}
