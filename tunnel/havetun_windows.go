package tunnel

import (
	"os"
	"path/filepath"
)

// HaveTUN says why no TUN interface can be made, without making one; nil: it
// can. wintun.dll must lie beside the program.
func HaveTUN() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(program), "wintun.dll"))
	return err
}
