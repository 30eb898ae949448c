//go:build !linux

package server

// oobSize is nothing: there are no control messages.
const oobSize = 0

// growBuffers leaves the buffers as they are.
func growBuffers(uintptr) {}

// offload says that this system takes packets one by one.
func offload(uintptr) bool { return false }

func segmentSize([]byte) int { return 0 }

func appendSegmentSize(oob []byte, _ int) []byte { return oob }
