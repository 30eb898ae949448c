package version

import "testing"

func TestParse(t *testing.T) {
	for describe, want := range map[string]Version{
		"v1.2.3":                       {Release: "1.2.3"},
		"2.0-dirty":                    {Release: "2.0", Dirty: true},
		"v1.2.3-rc1":                   {Release: "1.2.3", Candidate: "rc1"},
		"v1.2.3-14-gabc1234":           {Release: "1.2.3", Since: 14, Commit: "abc1234"},
		"v1.2.3-rc.1-2-gabc1234-dirty": {Release: "1.2.3", Candidate: "rc.1", Since: 2, Commit: "abc1234", Dirty: true},
		"d014b02":                      {Release: "0.0", Since: 512, Commit: "d014b02"},
	} {
		if got, err := Parse(describe, 512); got != want || err != nil {
			t.Errorf("%q: %+v, %v, want %+v", describe, got, err, want)
		}
	}
	for _, describe := range []string{"", "devel", "v1.2.3; rm", "v1.2.3\nMaintainer: somebody else", "v1-99999999999999999999-gabc1234"} {
		if got, err := Parse(describe, 512); err == nil {
			t.Errorf("%q is %+v", describe, got)
		}
	}
}
