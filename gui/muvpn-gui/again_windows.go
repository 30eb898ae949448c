//go:build window

package main

// again does nothing: what draws without a graphics card here is an opengl32.dll
// beside the program, which Windows has taken already if it is there.
func again() {}
