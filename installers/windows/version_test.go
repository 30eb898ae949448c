package main

import (
	"slices"
	"testing"
)

func TestWindowsVersion(t *testing.T) {
	for describe, want := range map[string]struct {
		words   string
		numbers [4]int
	}{
		"v1.2.3":                   {"1.2.3", [4]int{1, 2, 3, 10000}},
		"2.0-dirty":                {"2.0+dirty", [4]int{2, 0, 0, 10000}},
		"v1.2.3-rc.2-5-gabc1234":   {"1.2.3-rc.2+5.gabc1234", [4]int{1, 2, 3, 205}},
		"v1.2.3-14-gabc1234-dirty": {"1.2.3+14.gabc1234.dirty", [4]int{1, 2, 3, 10014}},
		"d014b02":                  {"0.0+512.gd014b02", [4]int{0, 0, 512, 0}},
	} {
		if words, numbers, err := windowsVersion(describe, 512); words != want.words || numbers != want.numbers || err != nil {
			t.Errorf("%q: %s, %v, %v", describe, words, numbers, err)
		}
	}
	for _, describe := range []string{"devel", "v1.2.3.4", "v256.0.0", "v1.0.65536"} {
		if words, numbers, err := windowsVersion(describe, 512); err == nil {
			t.Errorf("%q is %s, %v", describe, words, numbers)
		}
	}
}

// Windows orders them as they came to be.
func TestVersionsRise(t *testing.T) {
	last := [4]int{}
	for _, describe := range []string{"abc1234", "v1.2.3-rc1", "v1.2.3-rc1-3-gabc1234", "v1.2.3-rc2", "v1.2.3", "v1.2.3-2-gabc1234",
		"v1.2.3-14-g0001234", "v1.2.4", "v1.10"} {
		_, numbers, err := windowsVersion(describe, 512)
		if err != nil || slices.Compare(last[:], numbers[:]) >= 0 {
			t.Errorf("%v does not come before %s, %v (%v)", last, describe, numbers, err)
		}
		last = numbers
	}
}
