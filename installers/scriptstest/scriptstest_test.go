package scriptstest

import (
	"strings"
	"testing"
)

func TestUnqualified(t *testing.T) {
	for script, want := range map[string]string{
		"set -e\nif [ -d /run ]; then\n\t/bin/rm -f /x # rm\nfi\n":                   "",
		"case \"$1\" in\nconfigure) action=restart ;;\n*) exit 0 ;;\nesac\n":         "",
		"/bin/true ||\n\techo \"no; see x\" >&2\n":                                   "",
		"/bin/true || rm -f /x\n":                                                    "/bin/true || rm -f /x",
		"if group=$(getent group x); then\n:\nfi\n":                                  "if group=$(getent group x); then",
		"\tsystemctl daemon-reload\n":                                                "systemctl daemon-reload",
		"for f in /a /b; do\n\tif [ ! -e \"$f\" ]; then\n\t\tcontinue\n\tfi\ndone\n": "",
		"{ [ $# -eq 1 ] && rm -f /x; }\n":                                            "{ [ $# -eq 1 ] && rm -f /x; }",
		"purge) rm -rf /x ;;\n":                                                      "rm -rf /x ;;",
	} {
		if got := strings.TrimSpace(Unqualified(script)); got != want {
			t.Errorf("%q: %q, want %q", script, got, want)
		}
	}
}
