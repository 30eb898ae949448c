package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
)

func main() {
	describe := flag.String("describe", "", "`VERSION` as git describe --tags --dirty says it")
	commit := flag.String("commit", "", "the `COMMIT` that is released")
	log := flag.String("changelog", "docs/changelog.md", "`FILE` that says what has changed")
	notes := flag.String("notes", "", "write the notes into this `FILE`; empty: only look")
	flag.Parse()
	if err := release(*describe, *commit, *log, *notes); err != nil {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

// release looks whether the version may be released, and writes its notes if a file
// is named.
func release(describe, commit, log, notes string) error {
	version, err := tagged(describe)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	changes, err := newest(string(text), version)
	if err != nil {
		return fmt.Errorf("%s: %w", log, err)
	}
	if notes == "" {
		fmt.Printf("release: %s, of %s\n", version, changes.date)
		return nil
	}
	return os.WriteFile(notes, fmt.Appendf(nil, form, version, changes.date, changes.text, commit), 0o644)
}

// form are the notes: version, date, what has changed, commit.
const form = `# Mobile User VPN %s (%s)

%s

## Before you use a file

    gpg --verify SHA256SUMS.asc SHA256SUMS
    sha256sum --check --ignore-missing SHA256SUMS

Built from commit %s. Whoever builds that commit with the same Go gets the same
files, but for their signatures; docs/admin.md says how.
`

// tag is that of a release or of its candidate, with nothing behind it.
var tag = regexp.MustCompile(`^v(\d+\.\d+\.\d+(?:-rc\d+)?)$`)

// tagged is the version of what is released.
func tagged(describe string) (string, error) {
	if m := tag.FindStringSubmatch(describe); m != nil {
		return m[1], nil
	}
	if describe == "" {
		return "", errors.New("there is no version")
	}
	return "", fmt.Errorf("%s is no release: a release is a commit with a tag such as v1.2.3 or v1.2.3-rc1, and nothing changed beside it", describe)
}
