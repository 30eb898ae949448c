package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"
)

// noteLasts is how long a note counts: an upgrade takes minutes, and what was
// connected before one that failed is nobody's wish a day later.
const noteLasts = 15 * time.Minute

// leaveNote leaves what was connected to the service of the next version; nothing
// takes an earlier note away.
func leaveNote(file string, was held) error {
	if was == (held{}) {
		if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := json.Marshal(was)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// takeNote is what leaveNote has left in the file, and takes it away: it counts once.
// What cannot be read was nothing.
func takeNote(file string, now time.Time) (was held) {
	about, err := os.Stat(file)
	if err != nil {
		return held{}
	}
	text, err := os.ReadFile(file)
	if errors.Join(err, os.Remove(file)) != nil || now.Sub(about.ModTime()) > noteLasts || json.Unmarshal(text, &was) != nil {
		return held{}
	}
	return was
}
