//go:build unix

package pipe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxPath is the longest path that fits into a socket address with its NUL on
// every Unix: macOS has 104 octets, Linux 108.
const maxPath = 103

// LocalPolicy is who may come in on this computer: root and our own user
// administer, members of the group muvpn use.
func LocalPolicy() Policy {
	p := Policy{Root: "0", Self: strconv.Itoa(os.Geteuid())}
	if g, err := user.LookupGroup(Group); err == nil {
		p.Users = g.Gid
	}
	return p
}

// Listener accepts connections whose peers the kernel names.
type Listener struct{ *net.UnixListener }

// Listen makes the socket at path. Its folder must belong to us or to root
// and be writable by nobody else; it is made if it is missing. What is already
// at path is removed only if it is a socket of ours on which nobody answers.
func Listen(path string) (*Listener, error) {
	if len(path) > maxPath || !filepath.IsAbs(path) {
		return nil, fmt.Errorf("the socket's path must be absolute and at most %d octets long: %s", maxPath, path)
	}
	dir, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.Close() // and with it goes the lock
	if err := clearStale(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	if err := restrict(path); err != nil {
		l.Close()
		return nil, err
	}
	return &Listener{l}, nil
}

// lockFolder makes sure of the socket's folder and holds a lock on it, so that
// two services that start at once cannot both find the socket stale.
func lockFolder(path string) (*os.File, error) {
	if err := os.MkdirAll(path, folderMode()); err != nil {
		return nil, err
	}
	dir, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := checkFolder(dir); err != nil {
		dir.Close()
		return nil, err
	}
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX); err != nil {
		dir.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return dir, nil
}

// folderMode lets everybody pass to the system's socket, and nobody else to
// that of an ordinary user.
func folderMode() os.FileMode {
	if os.Geteuid() == 0 {
		return 0o755
	}
	return 0o700
}

// checkFolder refuses a folder in which others could replace our socket.
func checkFolder(dir *os.File) error {
	info, err := dir.Stat()
	if err != nil {
		return err
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner != 0 && int(owner) != os.Geteuid() {
		return fmt.Errorf("the folder %s belongs to user %d, not to us", dir.Name(), owner)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("the folder %s is writable by others (%v)", dir.Name(), info.Mode().Perm())
	}
	return nil
}

// clearStale removes a dead socket of ours. Everything else that is in the way
// stays and is an error.
func clearStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != os.ModeSocket:
		return fmt.Errorf("%s exists and is not a socket; it was left alone", path)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != os.Geteuid() {
		return fmt.Errorf("the socket %s belongs to user %d, not to us; it was left alone", path, owner)
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
		return fmt.Errorf("another muvpnd is answering at %s", path)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Remove(path)
}

// restrict sets who may connect. Where users sit at the computer that is
// everybody: who sits there is no group, and changes. It gives them nothing but
// a question, which the kernel and the seats answer before an octet is read,
// within bounds for strangers (see package serve); and nobody can put another
// socket in the place of this one, because the folder is ours. Elsewhere it is
// the group, and without a group only our own user. Between bind and this the
// kernel's word on the peer is the only guard; it is the one that counts.
func restrict(path string) error {
	gid, err := strconv.Atoi(LocalPolicy().Users)
	group := err == nil && os.Geteuid() == 0
	if group {
		if err := os.Lchown(path, -1, gid); err != nil {
			return err
		}
	}
	return os.Chmod(path, socketMode(group, localSeats() != nil))
}

// socketMode is the mode of a socket that the group, or whoever sits at the
// computer, may use beside our own user.
func socketMode(group, seats bool) os.FileMode {
	switch {
	case seats:
		return 0o666
	case group:
		return 0o660
	}
	return 0o600
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptUnix()
	if err != nil {
		return nil, err
	}
	return &Conn{c}, nil
}

// Conn is a connection whose other end the kernel names.
type Conn struct{ *net.UnixConn }

// Peer asks the kernel who connected.
func (c *Conn) Peer() (Peer, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return Peer{}, err
	}
	var p Peer
	var asked error
	if err := raw.Control(func(fd uintptr) { p, asked = peerOf(int(fd)) }); err != nil {
		return Peer{}, err
	}
	return p, asked
}

// Dial connects to the service at path and makes sure that root or our own
// user listens there: a passphrase is about to be told.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	conn := &Conn{c.(*net.UnixConn)}
	server, err := conn.Peer()
	if err == nil && !LocalPolicy().trusted(server.User) {
		err = fmt.Errorf("user %s listens at %s, who is neither root nor you", server.User, path)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
