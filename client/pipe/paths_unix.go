//go:build unix

package pipe

import (
	"os"
	"path/filepath"
)

// SystemPath is where the installed service listens.
const SystemPath = runFolder + "/muvpn/muvpnd.sock"

// UserPath is where `muvpnd run --userspace` of an ordinary user listens: in the
// folder of the login session, else, as on macOS, in that of programs' caches;
// empty when the user has neither.
func UserPath() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(dir) {
		var err error
		if dir, err = os.UserCacheDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(dir, "muvpn", "muvpnd.sock")
}
