package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// programData is the folder of all programs' data, as the system says: not the
// environment, which is the caller's.
func programData() string {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		return `C:\ProgramData`
	}
	return dir
}

// pinsFile lists the signers that an installer has pinned. It lies inside the
// state, which only administrators may change.
var pinsFile = filepath.Join(systemState(), "signers")

func systemState() string { return filepath.Join(programData(), "muvpn") }

// privileged says that we run as an administrator or the system.
func privileged() bool { return windows.GetCurrentProcessToken().IsElevated() }

// userState is where an ordinary user's service keeps its state; empty: the
// user has no profile.
func userState() string {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_LocalAppData, 0)
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "muvpn")
}

// lock holds the file until the function that it returns, or the end of the
// process: two services must not share one state.
func lock(name string) (unlock func(), err error) {
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const alone = 0 // no sharing
	h, err := windows.CreateFile(path, windows.GENERIC_WRITE, alone, nil, windows.OPEN_ALWAYS, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err == windows.ERROR_SHARING_VIOLATION {
		return nil, fmt.Errorf("another muvpnd uses %s", filepath.Dir(name))
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return func() { windows.CloseHandle(h) }, nil
}
