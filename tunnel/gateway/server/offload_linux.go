package server

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// oobSize has room for one control message with a 32-bit number in it.
const oobSize = unix.SizeofCmsghdr + 8

// socketBuffer is how many octets the system may hold for a socket. A raw
// socket that overflows even makes the system answer "protocol unreachable".
const socketBuffer = 4 << 20

// growBuffers asks for larger socket buffers; less than asked for will do.
func growBuffers(fd uintptr) {
	for _, o := range [][2]int{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, o[0], socketBuffer) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, o[1], socketBuffer)
		}
	}
}

// offload turns on what the kernel has of UDP offloads, and says whether it
// takes apart what is sent (UDP_SEGMENT).
func offload(fd uintptr) bool {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_GRO, 1)
	_, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
	return err == nil
}

// segmentSize is how long the datagrams are that the kernel has joined
// (UDP_GRO); 0 if it has not.
func segmentSize(oob []byte) int {
	if len(oob) < unix.SizeofCmsghdr+4 {
		return 0
	}
	h := (*unix.Cmsghdr)(unsafe.Pointer(&oob[0]))
	if h.Level != unix.SOL_UDP || h.Type != unix.UDP_GRO {
		return 0
	}
	return int(int32(binary.NativeEndian.Uint32(oob[unix.SizeofCmsghdr:])))
}

// appendSegmentSize tells the kernel how long the packets in a message are.
func appendSegmentSize(oob []byte, size int) []byte {
	oob = oob[:unix.CmsgSpace(2)]
	clear(oob)
	h := (*unix.Cmsghdr)(unsafe.Pointer(&oob[0]))
	h.Level, h.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	h.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(oob[unix.SizeofCmsghdr:], uint16(size))
	return oob
}
