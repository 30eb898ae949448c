package main

import (
	"os/exec"
	"testing"
)

func TestPackageVersion(t *testing.T) {
	for describe, want := range map[string]string{
		"v1.2.3":                            "1.2.3",
		"v1.2.3-dirty":                      "1.2.3+dirty",
		"v1.2.3-rc1":                        "1.2.3~rc1",
		"v1.2.3-14-gabc1234":                "1.2.3+14.gabc1234",
		"v1.2.3-14-gabc1234-dirty":          "1.2.3+14.gabc1234.dirty",
		"v1.2.3-rc.1-2-gabc1234":            "1.2.3~rc.1+2.gabc1234",
		"2.0":                               "2.0",
		"d014b02":                           "0.0+512.gd014b02",
		"d014b02-dirty":                     "0.0+512.gd014b02.dirty",
		"devel":                             "",
		"":                                  "",
		"v1.2.3; rm":                        "",
		"v1.2.3\nMaintainer: somebody else": "",
	} {
		got, err := packageVersion(describe, 512)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", describe, got, err, want)
		}
	}
}

// Debian's own program orders them as they came to be.
func TestVersionsRise(t *testing.T) {
	dpkg, err := exec.LookPath("dpkg")
	if err != nil {
		t.Skip("this system has no dpkg")
	}
	last := "0"
	for _, describe := range []string{"abc1234", "v1.2.3-rc1", "v1.2.3-rc1-3-gabc1234", "v1.2.3-rc2", "v1.2.3", "v1.2.3-2-gabc1234",
		"v1.2.3-14-g0001234", "v1.2.4", "v1.10"} {
		version, err := packageVersion(describe, 512)
		if err != nil {
			t.Fatal(err)
		}
		if err := exec.Command(dpkg, "--compare-versions", last, "lt", version).Run(); err != nil {
			t.Errorf("%s does not come before %s: %v", last, version, err)
		}
		last = version
	}
}
