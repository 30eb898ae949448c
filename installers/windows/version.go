package main

import (
	"fmt"
	"strconv"
	"strings"

	"muvpn/installers/version"
)

// released is the last of the four numbers of a release. Smaller ones are of its
// candidates, larger ones of what was built after it.
const released = 10000

// windowsVersion is a version from git in words, and in the four numbers by which
// Windows tells which of two is newer: 1.2.3 is 1.2.3.10000. An MSI is compared by
// the first three alone.
func windowsVersion(describe string, commits int) (words string, numbers [4]int, err error) {
	v, err := version.Parse(describe, commits)
	if err != nil {
		return "", numbers, err
	}
	numbers, err = fourNumbers(v)
	return v.Words("-"), numbers, err
}

// fourNumbers are those of a version. What has no tag is told by its commits, in
// the third.
func fourNumbers(v version.Version) (numbers [4]int, err error) {
	parts := strings.Split(v.Release, ".")
	if len(parts) > 3 {
		return numbers, fmt.Errorf("the version %s has more than three numbers", v.Release)
	}
	for i, part := range parts {
		if numbers[i], err = strconv.Atoi(part); err != nil || numbers[i] > 65535 || i < 2 && numbers[i] > 255 {
			return numbers, fmt.Errorf("the version %s is too high for Windows: the first two numbers end at 255, the third at 65535", v.Release)
		}
	}
	switch {
	case v.Release == "0.0" && v.Commit != "":
		numbers[2] = min(v.Since, 65535)
	case v.Candidate != "":
		numbers[3] = min(100*candidate(v.Candidate)+min(v.Since, 99), released-1)
	default:
		numbers[3] = min(released+v.Since, 65535)
	}
	return numbers, nil
}

// candidate is the number of a candidate: 2 in rc2, and in rc.2.
func candidate(name string) int {
	n, _ := strconv.Atoi(name[strings.LastIndexFunc(name, func(r rune) bool { return r < '0' || r > '9' })+1:]) // none is the first
	return min(n, released)
}

// dotted are numbers as Windows writes them.
func dotted(numbers ...int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ".")
}
