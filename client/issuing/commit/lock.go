package commit

import "errors"

// ErrBusy says that another process has the lock.
var ErrBusy = errors.New("another process has it")

// Lock keeps every other process from the same lock until unlock is called, or
// until this process ends, however it ends. It does not wait: where another one has
// the lock it is ErrBusy. The file, in a folder that must be there, is gone after
// unlock; one that a killed process has left keeps nobody out.
func Lock(name string) (unlock func(), err error) { return lock(name) }
