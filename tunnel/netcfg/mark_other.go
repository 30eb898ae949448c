//go:build !linux

package netcfg

import "syscall"

// MarkSocket does nothing: the firewall of this system looks for no mark but for
// the program (WFP) or the user (pf).
func MarkSocket(string, string, syscall.RawConn) error { return nil }
