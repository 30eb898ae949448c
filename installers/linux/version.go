package main

import (
	"fmt"
	"strings"

	"muvpn/installers/version"
)

// packageVersion is a version from git as Debian and rpm order it: a release comes
// after its candidates (1.2~rc1), what was built between releases after the last
// one (1.2+14.gabc1234), and what has no tag before all, by the number of its
// commits (0.0+512.gabc1234).
func packageVersion(describe string, commits int) (string, error) {
	v, err := version.Parse(describe, commits)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(v.Release)
	if v.Candidate != "" {
		b.WriteString("~" + v.Candidate)
	}
	if v.Commit != "" {
		fmt.Fprintf(&b, "+%d.g%s", v.Since, v.Commit)
	}
	switch {
	case !v.Dirty:
	case v.Commit != "":
		b.WriteString(".dirty")
	default:
		b.WriteString("+dirty")
	}
	return b.String(), nil
}
