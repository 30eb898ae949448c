package main

import "muvpn/installers/version"

// packageVersion is a version from git as Debian and rpm order it: a release comes
// after its candidates (1.2~rc1), what was built between releases after the last
// one (1.2+14.gabc1234), and what has no tag before all, by the number of its
// commits (0.0+512.gabc1234).
func packageVersion(describe string, commits int) (string, error) {
	v, err := version.Parse(describe, commits)
	return v.Words("~"), err
}
