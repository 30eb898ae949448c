package desktop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// autostart is the user's own autostart entry.
func autostart() (string, error) {
	folder, err := os.UserConfigDir()
	return filepath.Join(folder, "autostart", "muvpn.desktop"), err
}

func startsAtLogin() (bool, error) {
	file, err := autostart()
	if err != nil {
		return false, err
	}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && enabled(string(b)), err
}

func startAtLogin(program string, yes bool) error {
	file, err := autostart()
	if err != nil {
		return err
	}
	if yes {
		return replace(file, []byte(entry(program)))
	}
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
