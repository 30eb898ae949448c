//go:build linux || windows

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"muvpn/tunnel/netcfg"
)

// leave prepares the end of the package: not while a kill switch is armed, which
// nobody could lift afterwards.
func leave(say func(string, ...any)) error {
	state := systemState()
	if err := depart(state, say); err != nil {
		return err
	}
	if _, err := os.Stat(state); err == nil {
		say("Profiles, secrets and log stay in %s", state)
	}
	return nil
}

// depart stops the service and undoes what it has left.
func depart(state string, say func(string, ...any)) error {
	if netcfg.Armed(state) {
		return refuseBlocked(presentCondition())
	}
	if err := stopPackaged(); err != nil {
		return fmt.Errorf("the service does not stop, so the package stays: %w%s", err, whereToLook)
	}
	if _, err := os.Stat(state); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return undo(state, say)
}
