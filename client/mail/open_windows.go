package mail

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// open gives the file to the program that opens messages, as a double click
// does. MAPI would need a library of the mail program's own in this process.
func open(path string, _ *Report) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	file, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	if windows.ShellExecute(0, nil, file, nil, nil, windows.SW_SHOWNORMAL) != nil {
		return ErrNoProgram
	}
	return nil
}
