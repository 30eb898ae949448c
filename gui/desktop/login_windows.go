package desktop

import (
	"errors"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// The user's programs that start at login, and those of them that the task
// manager has switched off: there the first octet is odd.
const (
	runKey      = `Software\Microsoft\Windows\CurrentVersion\Run`
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
	runName     = "muvpn"
)

func startsAtLogin() (bool, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return false, absent(err)
	}
	defer k.Close()
	if _, _, err := k.GetStringValue(runName); err != nil {
		return false, absent(err)
	}
	a, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE)
	if err != nil {
		return true, absent(err)
	}
	defer a.Close()
	off, _, err := a.GetBinaryValue(runName)
	return err != nil || len(off) == 0 || off[0]&1 == 0, nil
}

func startAtLogin(program string, yes bool) error {
	if a, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE); err == nil {
		a.DeleteValue(runName)
		a.Close()
	}
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer k.Close()
	if !yes {
		return absent(k.DeleteValue(runName))
	}
	return k.SetStringValue(runName, windows.EscapeArg(program)+" --tray")
}

// absent is no error for what is not there.
func absent(err error) error {
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	return err
}
