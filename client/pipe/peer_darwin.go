package pipe

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// peerOf reads LOCAL_PEERCRED (unix(4)): the peer's user and its first 16
// groups, the effective one first; and LOCAL_PEERPID.
func peerOf(fd int) (Peer, error) {
	cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return Peer{}, err
	}
	p := Peer{User: strconv.Itoa(int(cred.Uid))}
	for _, gid := range cred.Groups[:min(int(cred.Ngroups), len(cred.Groups))] {
		p.Groups = append(p.Groups, strconv.Itoa(int(gid)))
	}
	p.PID, err = unix.GetsockoptInt(fd, unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	return p, err
}
