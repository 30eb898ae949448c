package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// runKey has what starts when somebody logs in: everybody's in HKEY_LOCAL_MACHINE,
// and in each user's own what that user wants. runName is what the window calls
// itself there (gui/desktop).
const (
	runKey  = `Software\Microsoft\Windows\CurrentVersion\Run`
	runName = "muvpn"
)

// windowBeside is the window that lies beside a program.
func windowBeside(program string) string {
	return filepath.Join(filepath.Dir(program), "muvpn-gui.exe")
}

// showsAtLogin has the icon in the panel start whenever somebody logs in.
func showsAtLogin(program string) error {
	window := windowBeside(program)
	if _, err := os.Stat(window); err != nil {
		return err
	}
	k, _, err := registry.CreateKey(registry.LOCAL_MACHINE, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer k.Close()
	return k.SetStringValue(runName, `"`+window+`" --tray`)
}

// forgetLogin takes away what starts the window beside a program at login, for
// everybody, and for each user whose registry is open: who is logged on, or was.
func forgetLogin(program string) error {
	window := windowBeside(program)
	err := forgetRun(registry.LOCAL_MACHINE, runKey, window)
	users, unread := registry.USERS.ReadSubKeyNames(-1)
	err = errors.Join(err, unread)
	for _, user := range users {
		err = errors.Join(err, forgetRun(registry.USERS, user+`\`+runKey, window))
	}
	return err
}

// forgetRun takes the window out of one key, and what is not there is no fault.
func forgetRun(root registry.Key, path, window string) error {
	k, err := registry.OpenKey(root, path, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		return present(err)
	}
	defer k.Close()
	line, _, err := k.GetStringValue(runName)
	if err != nil || !strings.Contains(strings.ToLower(line), strings.ToLower(window)) {
		return present(err)
	}
	return k.DeleteValue(runName)
}

// present is no error for what is not there.
func present(err error) error {
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	return err
}
