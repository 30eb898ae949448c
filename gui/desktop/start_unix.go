//go:build unix

package desktop

import "syscall"

// apart is a session of its own: what ends us does not end it.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
