package mail

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Save writes a message into a new file that only its owner may read. A file
// that is there already stays as it is, and is an error.
func Save(path string, message []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: name another file", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(message)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(path) // half a message is none
	}
	return err
}

// Folder is where a message that the user gave no name is saved: his downloads,
// else the current folder.
func Folder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	for _, folder := range []string{namedDownloads(home), filepath.Join(home, "Downloads")} {
		if info, err := os.Stat(folder); folder != "" && err == nil && info.IsDir() {
			return folder
		}
	}
	return "."
}

// namedDownloads is what the desktop calls the folder in the user's language
// (xdg-user-dirs); empty: there is no desktop that does.
func namedDownloads(home string) string {
	config := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	f, err := os.Open(filepath.Join(config, "user-dirs.dirs"))
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "XDG_DOWNLOAD_DIR="); ok {
			return filepath.FromSlash(strings.Replace(strings.Trim(value, `"`), "$HOME", home, 1))
		}
	}
	return ""
}
