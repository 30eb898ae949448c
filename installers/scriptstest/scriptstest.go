// Package scriptstest reads the scripts of packages for tests: whoever runs them as
// root must not have PATH choose what runs. It holds no state. Start reading at
// Unqualified.
package scriptstest

import (
	"regexp"
	"slices"
	"strings"
)

// known are words at the place of a program that the shell has itself.
var known = []string{"set", "if", "then", "else", "elif", "fi", "case", "esac", "for", "do", "done", "continue", "exit", "echo", "[", "{", "}", ":", "true", "!", "||", "&&"}

var (
	quoted     = regexp.MustCompile(`"[^"$]*"`)
	comment    = regexp.MustCompile(`(^|\s)#.*`)
	assignment = regexp.MustCompile(`^[a-z]+=(\S*)$`)
	pattern    = regexp.MustCompile(`^[a-z*| -]+\)`)
	separators = regexp.MustCompile(`;;|;|&&|\|\||\$\(|\bthen\b|\belse\b|\bif\b`)
)

// Unqualified is the first command of a script that names its program by less than
// a whole path; empty: there is none. It knows as much of sh as our scripts use.
func Unqualified(script string) string {
	script = strings.ReplaceAll(script, "\\\n", " ")
	for line := range strings.Lines(script) {
		line = quoted.ReplaceAllString(line, `""`)
		line = comment.ReplaceAllString(strings.TrimSpace(line), "")
		line = pattern.ReplaceAllString(line, "")
		for _, command := range separators.Split(line, -1) {
			words := strings.Fields(command)
			for len(words) > 0 && (assignment.MatchString(words[0]) || words[0] == "!") {
				words = words[1:]
			}
			if len(words) > 0 && !slices.Contains(known, words[0]) && !strings.HasPrefix(words[0], "/") {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}
