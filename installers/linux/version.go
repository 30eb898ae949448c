package main

import (
	"fmt"
	"regexp"
	"strings"
)

// described is what git describe --tags --always --dirty says: a tag, how many
// commits came after it and the last of them, or that alone.
var described = regexp.MustCompile(`^(?:v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.]+?))?(?:-(\d+)-g([0-9a-f]{7,40}))?|([0-9a-f]{7,40}))$`)

// packageVersion is a version from git as Debian and rpm order it: a release comes
// after its candidates (1.2~rc1), what was built between releases after the last
// one (1.2+14.gabc1234), and what has no tag before all, by the number of its
// commits (0.0+512.gabc1234).
func packageVersion(describe string, commits int) (string, error) {
	clean, dirty := strings.CutSuffix(describe, "-dirty")
	m := described.FindStringSubmatch(clean)
	if m == nil {
		return "", fmt.Errorf("%q is not a version: it has to be as git describe says it, such as v1.2.3 or v1.2.3-rc1", describe)
	}
	release, candidate, since, commit, untagged := m[1], m[2], m[3], m[4], m[5]
	var b strings.Builder
	switch {
	case untagged != "":
		fmt.Fprintf(&b, "0.0+%d.g%s", commits, untagged)
	case commit != "":
		fmt.Fprintf(&b, "%s+%s.g%s", release+before(candidate), since, commit)
	default:
		b.WriteString(release + before(candidate))
	}
	switch {
	case !dirty:
	case strings.Contains(b.String(), "+"):
		b.WriteString(".dirty")
	default:
		b.WriteString("+dirty")
	}
	return b.String(), nil
}

// before marks what comes before a release.
func before(candidate string) string {
	if candidate == "" {
		return ""
	}
	return "~" + candidate
}
