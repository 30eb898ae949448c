//go:build unix

package main

import "golang.org/x/sys/unix"

// noCore bounds core files to nothing, for good.
func noCore() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
