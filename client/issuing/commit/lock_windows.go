package commit

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock opens the file for this process alone. Windows removes it when it is closed,
// and so when the process ends.
func lock(name string) (unlock func(), err error) {
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const alone = 0 // no sharing
	h, err := windows.CreateFile(path, windows.GENERIC_WRITE|windows.DELETE, alone, nil,
		windows.OPEN_ALWAYS, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		err = ErrBusy
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return func() { windows.CloseHandle(h) }, nil
}
