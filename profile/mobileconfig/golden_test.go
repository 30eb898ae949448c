package mobileconfig

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muvpn/profile"
)

var update = flag.Bool("update", false, "write what came out as what is wanted")

func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".mobileconfig"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func recognise(t testing.TB, raw []byte) *profile.File {
	t.Helper()
	f, err := profile.Recognise(raw, Format)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// told is all that comes out of a file: the profile, whose signature was
// there, and what people are told.
func told(t testing.TB, f *profile.File) string {
	t.Helper()
	text, err := f.Profile.MarshalWithSecrets()
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n# signer: " + f.Signer + "\n# " + strings.Join(f.Warnings, "\n# ") + "\n"
}

// TestGolden reads files that other programs have written: XML and binary
// lists of Python's plistlib, and signatures of OpenSSL, one of them with
// indefinite lengths.
func TestGolden(t *testing.T) {
	for _, name := range []string{"cisco", "hybrid", "ikev2", "eap-binary", "signed", "signed-ber"} {
		f := recognise(t, sample(t, name))
		if f.Format != "Apple .mobileconfig" {
			t.Errorf("%s: format %q", name, f.Format)
		}
		golden := filepath.Join("testdata", name+".golden")
		got := told(t, f)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Nobody's password is told to anybody.
func TestWarningsHoldNoSecret(t *testing.T) {
	for _, name := range []string{"cisco", "hybrid", "ikev2", "eap-binary", "signed"} {
		f := recognise(t, sample(t, name))
		shown := strings.Join(f.Preview(f.Profile, nil).Lines(), "\n")
		for _, secret := range []string{"secret-word", "wJ3pQz8n"} {
			if strings.Contains(shown, secret) {
				t.Errorf("%s shows %s:\n%s", name, secret, shown)
			}
		}
	}
}

func TestPreviewSaysWhoSigned(t *testing.T) {
	f := recognise(t, sample(t, "signed"))
	shown := strings.Join(f.Preview(f.Profile, nil).Lines(), "\n")
	if !strings.Contains(shown, "Signed by:  Example Devices (not verified)\n") {
		t.Errorf("got:\n%s", shown)
	}
}
