package pipe

import (
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// peerOf reads SO_PEERCRED and SO_PEERGROUPS (socket(7), unix(7)): who the
// peer was when it connected or listened.
func peerOf(fd int) (Peer, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Peer{}, err
	}
	supplementary, err := peerGroups(fd)
	if err != nil {
		return Peer{}, err
	}
	p := Peer{User: strconv.Itoa(int(cred.Uid)), PID: int(cred.Pid)}
	for _, gid := range append(supplementary, cred.Gid) {
		p.Groups = append(p.Groups, strconv.Itoa(int(gid)))
	}
	return p, nil
}

// peerGroups reads the supplementary groups. The kernel answers ERANGE and the
// size it needs when there are more than fit.
func peerGroups(fd int) ([]uint32, error) {
	groups := make([]uint32, 64)
	for {
		size := uint32(len(groups) * 4)
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_PEERGROUPS,
			uintptr(unsafe.Pointer(&groups[0])), uintptr(unsafe.Pointer(&size)), 0)
		switch {
		case errno == 0:
			return groups[:size/4], nil
		case errno != unix.ERANGE || int(size/4) <= len(groups):
			return nil, errno
		}
		groups = make([]uint32, size/4)
	}
}
