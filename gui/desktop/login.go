package desktop

import (
	"os"
	"path/filepath"
)

// StartsAtLogin says whether the tray starts when the user logs in.
func StartsAtLogin() (bool, error) { return startsAtLogin() }

// StartAtLogin has the tray of this very program start when the user logs in, or
// not any more.
func StartAtLogin(yes bool) error {
	program, err := self()
	if err != nil {
		return err
	}
	return startAtLogin(program, yes)
}

// self is the absolute path of this program.
func self() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Abs(program)
}

// replace writes a file as a whole or not at all.
func replace(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".muvpn-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // not there any more when all went well
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	return err
}
