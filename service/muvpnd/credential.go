package main

import (
	"errors"
	"os"
	"path/filepath"
)

// sealCredential is the name of the credential (systemd.exec(5), "Credentials")
// that is the key for secrets on the disk.
const sealCredential = "muvpn-state-key"

// sealKey is the credential, from the folder that the service manager has made
// for us; nil: we were given none.
func sealKey(folder string) ([]byte, error) {
	if !filepath.IsAbs(folder) {
		return nil, nil
	}
	key, err := os.ReadFile(filepath.Join(folder, sealCredential))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err == nil && len(key) == 0 {
		err = errors.New("it is empty")
	}
	return key, err
}
