package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// changes are one version's section of the changelog.
type changes struct {
	date string // as 2006-01-02
	text string // without its headline
}

// headline is that of a section: a version and the day of its release, or what is
// in none yet.
var headline = regexp.MustCompile(`(?m)^## (?:(\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2})\)|(Unreleased))$`)

// newest is the section of the version, which has to be the first one: what stands
// above it would be in no version's notes. A candidate has that of its release.
func newest(log, version string) (changes, error) {
	version, _, _ = strings.Cut(version, "-")
	at := headline.FindAllStringSubmatchIndex(log, 2)
	if len(at) == 0 {
		return changes{}, errors.New("there is no section: one begins with a line such as ## 1.2.3 (2026-01-31)")
	}
	end := len(log)
	if len(at) > 1 {
		end = at[1][0]
	}
	m := headline.FindStringSubmatch(log[at[0][0]:at[0][1]])
	found := changes{date: m[2], text: strings.TrimSpace(log[at[0][1]:end])}
	switch {
	case m[3] != "":
		return changes{}, fmt.Errorf("what is under %q belongs to no version yet: give that section the version and the day", m[3])
	case m[1] != version:
		return changes{}, fmt.Errorf("the first section is that of %s, not of %s", m[1], version)
	case found.text == "":
		return changes{}, fmt.Errorf("it says nothing of %s", version)
	}
	if _, err := time.Parse(time.DateOnly, found.date); err != nil {
		return changes{}, fmt.Errorf("the day of %s: %s is no date", version, found.date)
	}
	return found, nil
}
