//go:build !linux

package netcfg

import "syscall"

// MarkSocket does nothing: no firewall of this system looks for a mark.
func MarkSocket(string, string, syscall.RawConn) error { return nil }
