package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"muvpn/client"
	"muvpn/profile"
)

// A fresh computer gets everything, and the service its signers before it starts; a
// repair leaves alone what is as it should be.
func TestDeploymentSteps(t *testing.T) {
	all := deployment{signers: "s", profile: "p", passphrase: "w", atLogin: true}
	for name, c := range map[string]struct {
		deployment
		found
		want []step
	}{
		"nothing here":                  {all, found{service: absent}, []step{entering, pinning, launching, resuming, loading, showing}},
		"entered by the table":          {all, found{service: idle}, []step{finishing, pinning, launching, resuming, loading, showing}},
		"without anything":              {deployment{}, found{service: idle, pinned: true}, []step{finishing, launching, resuming}},
		"a repair":                      {deployment{}, found{service: active, pinned: true}, []step{finishing}},
		"the same again, while it runs": {all, found{service: active, pinned: true}, []step{finishing, loading, showing}},
		"other signers, while it runs":  {all, found{service: active}, []step{halting, finishing, pinning, launching, resuming, loading, showing}},
		"muvpnd install by hand":        {deployment{}, found{service: active, foreign: true, pinned: true}, []step{halting, adopting, finishing, launching, resuming}},
		"an upgrade of a disabled one":  {deployment{}, found{service: idle, disabled: true, pinned: true}, []step{finishing}},
		"the same, and it is stopped":   {deployment{}, found{service: idle, foreign: true, pinned: true}, []step{adopting, finishing, launching, resuming}},
	} {
		if got := c.deployment.steps(c.found); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestDeploymentCheck(t *testing.T) {
	here := func(name string) string { return filepath.Join(t.TempDir(), name) }
	for name, c := range map[string]struct {
		deployment
		says string
	}{
		"nothing":            {deployment{}, ""},
		"everything":         {deployment{signers: here("s"), profile: here("p"), passphrase: here("w")}, ""},
		"a relative profile": {deployment{profile: "lisa.exp"}, `the profile has to be named by its whole path, and "lisa.exp" is none`},
		"relative signers":   {deployment{signers: "./s"}, "the file of the signers has to be named"},
		"a relative phrase":  {deployment{profile: here("p"), passphrase: "w"}, "the file of the passphrase has to be named"},
		"a phrase alone":     {deployment{passphrase: here("w")}, "no profile that it opens"},
	} {
		if err := c.check(); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// A list that the service could not read, or by which nobody's profiles were good
// any more, is not pinned.
func TestCheckedSigners(t *testing.T) {
	const key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	for text, says := range map[string]string{
		key:                                      "",
		"\ufeff# ours\r\n" + key + " # Lisa\r\n": "",
		wide(key):                                "",
		key + "\n\nnonsense\n":                   "signers, line 3: not an Ed25519 key in base64",
		"# none\n":                               "signers has no signer in it",
		"":                                       "signers has no signer in it",
	} {
		got, err := checkedSigners("signers", []byte(text))
		if err == nil && !strings.Contains(string(got), key) {
			t.Errorf("%q is to be pinned as %q", text, got)
		}
		if (err == nil) != (says == "") || err != nil && err.Error() != says {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

// wide is a text as PowerShell redirects it into a file: UTF-16.
func wide(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// A passphrase is the same one, whatever has written its file.
func TestPlainText(t *testing.T) {
	const phrase = "Grüße, 東京\r\n"
	for _, text := range []string{phrase, "\ufeff" + phrase, wide(phrase)} {
		if got := string(asUTF8([]byte(text))); got != phrase {
			t.Errorf("%q is %q", text, got)
		}
	}
	if got := asUTF8([]byte{0xff, 0xfe}); len(got) != 0 {
		t.Errorf("nothing at all is %q", got)
	}
}

// The passphrase is no argument.
func TestDeploymentImport(t *testing.T) {
	if got, want := (deployment{profile: "p", passphrase: "w"}).importing(), []string{"import", "p", "--yes", "--passphrase-stdin"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := (deployment{profile: "p"}).importing(), []string{"import", "p", "--yes"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is stored is not replaced by an older issue, which would be refused, nor by
// the same.
func TestStoredAlready(t *testing.T) {
	raw, err := os.ReadFile("../../assets/samples/lisa.exp")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := profile.ParseEXP(raw)
	if err != nil {
		t.Fatal(err)
	}
	uuid, serial := sealed.Header.Profile, sealed.Header.Serial
	for _, c := range []struct {
		raw  []byte
		list []client.Profile
		name string
	}{
		{raw, nil, ""},
		{raw, []client.Profile{{Name: "Older", UUID: uuid, Serial: serial - 1}}, ""},
		{raw, []client.Profile{{Name: "Other", UUID: "another", Serial: serial + 1}, {Name: "Same", UUID: uuid, Serial: serial}}, "Same"},
		{raw, []client.Profile{{Name: "Newer", UUID: uuid, Serial: serial + 1}}, "Newer"},
		{[]byte("of another kind"), []client.Profile{{Name: "Newer", UUID: uuid, Serial: serial + 1}}, ""},
	} {
		if name, is := storedAlready(c.raw, c.list); name != c.name || is != (c.name != "") {
			t.Errorf("%+v: %q, %v", c.list, name, is)
		}
	}
}

// A service that starts by an unquoted path is not left so.
func TestRunsProgram(t *testing.T) {
	const program = `C:\Program Files\muvpn\muvpnd.exe`
	arguments := strings.Join(arguments, " ")
	for line, want := range map[string]bool{
		`"` + program + `" ` + arguments:                            true,
		`"c:\program files\MUVPN\muvpnd.exe" ` + arguments:          true,
		program + " " + arguments:                                   false,
		`"` + program + `"`:                                         false,
		`"C:\tools\muvpnd.exe" ` + arguments:                        false,
		`"` + program + `" ` + arguments + " --state C:\\elsewhere": false,
	} {
		if got := runsProgram(line, program); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
