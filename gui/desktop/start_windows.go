package desktop

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// apart is without our console, if there is one.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
}
