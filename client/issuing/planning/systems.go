package planning

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"muvpn/client/issuing"
	"muvpn/client/issuing/roster"
)

// oldest is the first macOS that the client runs on: Go 1.26 needs it.
const oldestMacOS = 12

// macOSNames are the versions by the names that Apple gave them.
var macOSNames = map[string]int{
	"big sur": 11, "catalina": 10, "mojave": 10, "high sierra": 10, "sierra": 10, "el capitan": 10, "yosemite": 10,
	"monterey": 12, "ventura": 13, "sonoma": 14, "sequoia": 15, "tahoe": 26,
}

// The forms in which people write systems.
var (
	parting = regexp.MustCompile(`[,;/+&|]|\band\b|\bor\b`)
	phone   = regexp.MustCompile(`\b(android|iphone|ipad|ipados|ios|chrome ?os|chromebook|windows phone|harmonyos|fire ?os|tvos|watchos)\b`)
	foreign = regexp.MustCompile(`\b(freebsd|openbsd|netbsd|solaris|illumos|aix|hp-?ux|haiku)\b`)
	bits32  = regexp.MustCompile(`\b(32[- ]?bits?|x86|i[3-6]86|ia-?32|armhf|armv[5-7]l?)\b`)
	arm     = regexp.MustCompile(`\b(arm|arm64|aarch64)\b`)
	windows = regexp.MustCompile(`\b(windows|win)[ -]?(server)?[ -]?(\d{4}|\d+(\.\d+)?|xp|vista|me|nt|ce)?`)
	macOS   = regexp.MustCompile(`\b(?:mac ?os(?: x)?|os ?x)[ -]*(\d+)?|\b(?:mac|macbook|imac)\b`)
	linux   = regexp.MustCompile(`\b(?:linux|ubuntu|debian|fedora|rhel|red ?hat|centos|rocky|alma(?:linux)?|opensuse|suse|sles|mint|arch|manjaro|gentoo|nixos|kali|pop!?_?os|zorin|elementary|raspberry|raspbian)\b[a-z ]*(\d+)?`)
)

// oldWindow are the first versions whose libraries the window runs with.
var oldWindow = map[string]int{"ubuntu": 22, "debian": 12, "rhel": 9, "red hat": 9, "redhat": 9, "centos": 9, "rocky": 9, "alma": 9, "almalinux": 9, "mint": 21}

// fit is whether the client runs on a system.
type fit struct {
	verdict Severity // empty: it does
	unknown bool
	why, do string
}

// system looks at the system of a user's row.
func (c *checker) system(u issuing.Issued) {
	if u.OS == "" {
		return
	}
	switch f := judge(u.OS); {
	case f.unknown:
		c.at(OddSystem, Advice, u, roster.OS, fmt.Sprintf("%q: %s", u.OS, f.why), f.do)
	case f.verdict != "":
		c.at(System, f.verdict, u, roster.OS, fmt.Sprintf("%q: %s", u.OS, f.why), f.do)
	}
}

// judge says whether the client runs on what a cell names. Of several systems the
// best counts: the user can take that.
func judge(cell string) fit {
	var worst fit
	for i, part := range append([]string{cell}, parting.Split(cell, -1)...) {
		if i == 0 && parting.MatchString(cell) {
			continue // part by part
		}
		if strings.TrimSpace(part) == "" {
			continue
		}
		f := judgeOne(strings.ToLower(part))
		if f.verdict == "" && !f.unknown {
			return f
		}
		if worst.why == "" || worst.unknown {
			worst = f
		}
	}
	return worst
}

const (
	another = "give the user a computer with Windows 10, macOS 12, a Linux of today, or something newer"
	correct = "write it as Windows 11, macOS 15 or Ubuntu 24.04"
)

func judgeOne(s string) fit {
	unsupported := func(why string) fit { return fit{verdict: Fault, why: why, do: another} }
	switch {
	case phone.MatchString(s):
		return unsupported("the client is for computers with Windows, macOS or Linux")
	case foreign.MatchString(s):
		return unsupported("the client is for Windows, macOS and Linux")
	case bits32.MatchString(s) && !strings.Contains(s, "x86_64") && !strings.Contains(s, "x86-64"):
		return unsupported("there is no client for systems of 32 bits")
	}
	if m := windows.FindStringSubmatch(s); m != nil {
		return judgeWindows(s, m[3])
	}
	if m := macOS.FindStringSubmatch(s); m != nil {
		return judgeMacOS(s, m[1])
	}
	if m := linux.FindStringSubmatch(s); m != nil {
		return judgeLinux(s, m[1])
	}
	for name := range macOSNames {
		if strings.Contains(s, name) {
			return judgeMacOS(s, "")
		}
	}
	return fit{unknown: true, why: "whether the client runs on it cannot be told", do: correct}
}

func judgeWindows(s, version string) fit {
	number, err := strconv.ParseFloat(version, 64)
	switch {
	case version == "":
		return fit{unknown: true, why: "the version is missing, and the client needs Windows 10 or newer", do: correct}
	case err != nil, number < 10, number >= 95 && number <= 98, number >= 2000 && number < 2016:
		return fit{verdict: Fault, why: "the client needs Windows 10, Windows Server 2016, or newer", do: another}
	case arm.MatchString(s):
		return fit{verdict: Advice, why: "the client is made for x64, which Windows on ARM runs, too; nobody has tried", do: "try it on one of them before it is rolled out"}
	}
	return fit{}
}

func judgeMacOS(s, version string) fit {
	number, err := strconv.Atoi(version)
	if err != nil {
		for name, n := range macOSNames {
			if strings.Contains(s, name) {
				number = max(number, n)
			}
		}
	}
	switch {
	case number == 0:
		return fit{unknown: true, why: fmt.Sprintf("the version is missing, and the client needs macOS %d or newer", oldestMacOS), do: correct}
	case number < oldestMacOS:
		return fit{verdict: Fault, why: fmt.Sprintf("the client needs macOS %d (Monterey) or newer", oldestMacOS), do: another}
	}
	return fit{}
}

func judgeLinux(s, version string) fit {
	number, err := strconv.Atoi(version)
	least := 0
	for name, first := range oldWindow {
		if strings.Contains(s, name) {
			least = max(least, first)
		}
	}
	if err == nil && number < least {
		return fit{verdict: Advice, why: "the command line runs there, the window does not: it needs the libraries of Debian 12, Ubuntu 22.04 or RHEL 9", do: "show the user muvpn up in a terminal, or bring the system up to date"}
	}
	return fit{}
}
