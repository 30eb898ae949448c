package language

import (
	"os"
	"strings"
)

// prefer has this program and what it starts speak a language, as gettext's
// manual says: LANGUAGE, unless the locale is C, which has no languages. The
// locale itself stays as it is, as input methods depend on it.
func prefer(tag string) bool {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		switch os.Getenv(name) {
		case "":
			continue
		case "C", "POSIX":
			os.Setenv(name, "C.UTF-8")
		}
		break
	}
	return os.Setenv("LANGUAGE", strings.ReplaceAll(tag, "-", "_")) == nil
}
