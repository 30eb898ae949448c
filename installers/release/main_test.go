package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sample = `# Changelog

What users and administrators notice.

## 1.2.0 (2026-11-30)

- Installers for Windows.
- A second line.

## 1.1.0 (2026-10-01)

- The first one.
`

// What may be released, and what is said of the rest.
func TestMayBeReleased(t *testing.T) {
	for _, c := range []struct {
		name, describe, log, refusal string
	}{
		{"a release", "v1.2.0", sample, ""},
		{"its candidate", "v1.2.0-rc2", sample, ""},
		{"commits after it", "v1.2.0-3-gabc1234", sample, "v1.2.0-3-gabc1234 is no release"},
		{"changes beside it", "v1.2.0-dirty", sample, "nothing changed beside it"},
		{"no tag", "abc1234", sample, "a tag such as v1.2.3"},
		{"no git", "", sample, "no version"},
		{"a version that is not in it", "v1.3.0", sample, "the first section is that of 1.2.0, not of 1.3.0"},
		{"an old version", "v1.1.0", sample, "the first section is that of 1.2.0, not of 1.1.0"},
		{"unreleased", "v1.2.0", strings.Replace(sample, "## 1.2.0 (2026-11-30)", "## Unreleased", 1), `under "Unreleased" belongs to no version yet`},
		{"nothing said", "v1.2.0", "## 1.2.0 (2026-11-30)\n\n## 1.1.0 (2026-10-01)\n\n- x\n", "says nothing of 1.2.0"},
		{"no such day", "v1.2.0", strings.Replace(sample, "2026-11-30", "2026-11-31", 1), "2026-11-31 is no date"},
		{"no section", "v1.2.0", "# Changelog\n", "there is no section"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "changelog.md")
			if err := os.WriteFile(file, []byte(c.log), 0o600); err != nil {
				t.Fatal(err)
			}
			err := release(c.describe, "abc1234", file, "")
			if c.refusal == "" && err != nil || c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal)) {
				t.Errorf("%v, and not %q", err, c.refusal)
			}
		})
	}
}

// The notes have this version's changes and no other's.
func TestNotes(t *testing.T) {
	folder := t.TempDir()
	log, notes := filepath.Join(folder, "changelog.md"), filepath.Join(folder, "notes.md")
	if err := os.WriteFile(log, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := release("v1.2.0-rc1", "abc1234", log, notes); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(notes)
	for _, part := range []string{"# Mobile User VPN 1.2.0-rc1 (2026-11-30)\n\n- Installers for Windows.\n- A second line.\n\n##", "Built from commit abc1234."} {
		if err != nil || !strings.Contains(string(text), part) {
			t.Errorf("%v: there is no %q in:\n%s", err, part, text)
		}
	}
	if strings.Contains(string(text), "The first one") {
		t.Errorf("an older version's changes are in the notes:\n%s", text)
	}
}

// The changelog of this source can be read.
func TestOurChangelog(t *testing.T) {
	text, err := os.ReadFile("../../docs/changelog.md")
	if err != nil || !headline.Match(text) {
		t.Errorf("%v: it has no section", err)
	}
}
