//go:build unix

package instance

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"

	"muvpn/client/pipe"
)

// path is where a place's door is: beside that of the user's own service, in a
// folder that nobody else may enter. A session is told by its display.
func path(p Place) string {
	own := pipe.UserPath()
	if own == "" {
		return "" // pipe says that it needs a path
	}
	return filepath.Join(filepath.Dir(own), string(p)+session()+".sock")
}

// session is short, as a socket's path must be. macOS has one display a login.
// Programs that were told of a service of their own, as those of the demo, are
// not of the session's.
func session() string {
	display := cmp.Or(os.Getenv("WAYLAND_DISPLAY"), os.Getenv("DISPLAY"))
	service := os.Getenv("MUVPN_SOCKET")
	if display+service == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(display + "\x00" + service))
	return "-" + hex.EncodeToString(sum[:4])
}
