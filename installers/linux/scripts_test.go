package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// known are words at the place of a program that the shell has itself.
var known = []string{"set", "if", "then", "else", "elif", "fi", "case", "esac", "exit", "echo", "[", ":", "true", "!", "||", "&&"}

var (
	quoted     = regexp.MustCompile(`"[^"$]*"`)
	comment    = regexp.MustCompile(`(^|\s)#.*`)
	assignment = regexp.MustCompile(`^[a-z]+=(\S*)$`)
	pattern    = regexp.MustCompile(`^[a-z*| -]+\)`)
	separators = regexp.MustCompile(`;;|;|&&|\|\||\$\(|\bthen\b|\belse\b|\bif\b`)
)

// unqualified is the first command of a script that names its program by less than
// a whole path; empty: there is none. It knows as much of sh as our scripts use.
func unqualified(script string) string {
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

func TestUnqualified(t *testing.T) {
	for script, want := range map[string]string{
		"set -e\nif [ -d /run ]; then\n\t/bin/rm -f /x # rm\nfi\n":           "",
		"case \"$1\" in\nconfigure) action=restart ;;\n*) exit 0 ;;\nesac\n": "",
		"/bin/true ||\n\techo \"no; see x\" >&2\n":                           "",
		"/bin/true || rm -f /x\n":                                            "/bin/true || rm -f /x",
		"if group=$(getent group x); then\n:\nfi\n":                          "if group=$(getent group x); then",
		"\tsystemctl daemon-reload\n":                                        "systemctl daemon-reload",
		"purge) rm -rf /x ;;\n":                                              "rm -rf /x ;;",
	} {
		if got := strings.TrimSpace(unqualified(script)); got != want {
			t.Errorf("%q: %q, want %q", script, got, want)
		}
	}
}
