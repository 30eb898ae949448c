package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// canary is a secret that no other part of a file holds by chance.
const canary = "sEkRiT-canary-4711"

// fuzzFormat reads hostile files of one format: none makes it panic or
// allocate out of proportion, what is accepted has no fault and can be kept,
// and the secret behind one of the keys appears in no sentence.
func fuzzFormat(f *testing.F, form format, dir string, secretKeys ...string) {
	paths, err := filepath.Glob(filepath.Join("testdata", dir, "*[a-z]"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no samples in %s: %v", dir, err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if !strings.HasSuffix(path, ".golden") {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > MaxFile || !form.is(text) {
			return
		}
		var file *File
		var err error
		bounded(t, len(text), func() { file, err = form.file(text) })
		keepsSecret(t, string(text), file, err, secretKeys)
		if err != nil {
			return
		}
		if err := file.Profile.Validate(); err != nil {
			t.Errorf("accepted with faults: %v", err)
		}
		writtenAgain(t, file.Profile)
		_ = file.Preview(file.Profile, nil).Lines()
	})
}

// keepsSecret looks for the canary in what is said, when it stands only where
// a secret stands.
func keepsSecret(t *testing.T, text string, file *File, err error, secretKeys []string) {
	before, _, found := strings.Cut(text, canary)
	if !found || strings.Count(text, canary) > 1 {
		return
	}
	line := strings.TrimSpace(before[strings.LastIndexAny(before, "\r\n")+1:])
	said := ""
	if err != nil {
		said = err.Error()
	} else {
		said = strings.Join(file.Warnings, "\n")
	}
	for _, key := range secretKeys {
		if strings.EqualFold(line, strings.TrimSpace(key)) && strings.Contains(said, canary) {
			t.Errorf("a secret is quoted: %s", said)
		}
	}
}
