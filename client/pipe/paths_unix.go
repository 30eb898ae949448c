//go:build unix

package pipe

import (
	"os"
	"path/filepath"
)

// SystemPath is where the installed service listens.
const SystemPath = runFolder + "/muvpn/muvpnd.sock"

// UserPath is where `muvpnd run --userspace` of an ordinary user listens;
// empty when the session has no folder for such things.
func UserPath() string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "muvpn", "muvpnd.sock")
}
