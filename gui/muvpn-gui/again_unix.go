//go:build window && unix

package main

import (
	"os"
	"syscall"
)

// software has Mesa draw with the processor alone.
const software = "LIBGL_ALWAYS_SOFTWARE"

// again begins this program anew with OpenGL drawn by the processor, unless that
// was tried already.
func again() {
	program, err := os.Executable()
	if err != nil || os.Getenv(software) != "" || os.Setenv(software, "1") != nil {
		return
	}
	syscall.Exec(program, os.Args, os.Environ())
}
