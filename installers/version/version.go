// Package version takes apart what git describe says of the source, so that the
// installers for each system write it as that system orders versions. It holds no
// state. Start reading at Parse.
package version

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Version is a release, or what was built between two.
type Version struct {
	Release   string // 1.2.3; what has no tag yet is 0.0
	Candidate string // rc1; empty: not one of the candidates for a release
	Since     int    // how many commits came after it
	Commit    string // the last of them, in hexadecimal; empty: none came after it
	Dirty     bool   // and what was never committed
}

// described is what git describe --tags --always --dirty says: a tag, how many
// commits came after it and the last of them, or that alone.
var described = regexp.MustCompile(`^(?:v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.]+?))?(?:-(\d+)-g([0-9a-f]{7,40}))?|([0-9a-f]{7,40}))$`)

// Parse takes a version apart. What has no tag is counted by all of the commits
// that there are.
func Parse(describe string, commits int) (Version, error) {
	clean, dirty := strings.CutSuffix(describe, "-dirty")
	m := described.FindStringSubmatch(clean)
	if m == nil {
		return Version{}, fmt.Errorf("%q is not a version: it has to be as git describe says it, such as v1.2.3 or v1.2.3-rc1", describe)
	}
	v := Version{Release: m[1], Candidate: m[2], Commit: m[4], Dirty: dirty}
	if m[5] != "" {
		v.Release, v.Since, v.Commit = "0.0", commits, m[5]
	} else if v.Commit != "" {
		var err error
		if v.Since, err = strconv.Atoi(m[3]); err != nil {
			return Version{}, fmt.Errorf("%q counts more commits than there can be", describe)
		}
	}
	return v, nil
}

// Words are the version in one word, with a sign before the candidate.
func (v Version) Words(sign string) string {
	words := v.Release
	if v.Candidate != "" {
		words += sign + v.Candidate
	}
	if v.Commit != "" {
		words += fmt.Sprintf("+%d.g%s", v.Since, v.Commit)
	}
	switch {
	case !v.Dirty:
	case v.Commit != "":
		words += ".dirty"
	default:
		words += "+dirty"
	}
	return words
}
