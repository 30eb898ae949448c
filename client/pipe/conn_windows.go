package pipe

import (
	"io"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/windows"
)

var impersonate = windows.NewLazySystemDLL("advapi32.dll").NewProc("ImpersonateNamedPipeClient")

// address is a pipe's name as a net.Addr.
type address string

func (address) Network() string  { return "pipe" }
func (a address) String() string { return string(a) }

// Conn is one end of a named pipe whose other end the kernel names. The file's
// deadlines work because the handle is overlapped.
type Conn struct{ *os.File }

func newConn(h windows.Handle, path string) *Conn {
	return &Conn{os.NewFile(uintptr(h), path)}
}

// Read reads as a net.Conn does: a deadline that has passed is a net.Error, by
// which net/http knows that it was its own and the other end is still there.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.File.Read(b)
	return n, c.netError("read", err)
}

// Write writes as a net.Conn does.
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.File.Write(b)
	return n, c.netError("write", err)
}

// netError is the file's error as one of a connection; io.EOF stays itself.
func (c *Conn) netError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "pipe", Addr: c.LocalAddr(), Err: err}
}

// LocalAddr is the pipe's name.
func (c *Conn) LocalAddr() net.Addr { return address(c.Name()) }

// RemoteAddr is the pipe's name.
func (c *Conn) RemoteAddr() net.Addr { return address(c.Name()) }

// Peer asks the kernel who connected. The client's token can be had only after
// something was read from the pipe.
func (c *Conn) Peer() (Peer, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return Peer{}, err
	}
	var p Peer
	var asked error
	if err := raw.Control(func(fd uintptr) { p, asked = peerOf(windows.Handle(fd)) }); err != nil {
		return Peer{}, err
	}
	return p, asked
}

func peerOf(h windows.Handle) (Peer, error) {
	var pid uint32
	if err := windows.GetNamedPipeClientProcessId(h, &pid); err != nil {
		return Peer{}, err
	}
	token, err := clientToken(h)
	if err != nil {
		return Peer{}, err
	}
	defer token.Close()
	p, err := tokenPeer(token)
	p.PID = int(pid)
	return p, err
}

// clientToken takes the client's identity on for a moment, on one thread, to
// read it. A thread that cannot put it off again must never run anything else.
func clientToken(h windows.Handle) (windows.Token, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if ok, _, err := impersonate.Call(uintptr(h)); ok == 0 {
		return 0, os.NewSyscallError("ImpersonateNamedPipeClient", err)
	}
	var token windows.Token
	err := windows.OpenThreadToken(windows.CurrentThread(), windows.TOKEN_QUERY, true, &token)
	if revert := windows.RevertToSelf(); revert != nil {
		panic("pipe: cannot stop acting as the client: " + revert.Error())
	}
	return token, err
}

// tokenPeer lists the token's user and the groups that are in force: an
// administrator who has not been elevated is none.
func tokenPeer(token windows.Token) (Peer, error) {
	u, err := token.GetTokenUser()
	if err != nil {
		return Peer{}, err
	}
	groups, err := token.GetTokenGroups()
	if err != nil {
		return Peer{}, err
	}
	p := Peer{User: u.User.Sid.String()}
	for _, g := range groups.AllGroups() {
		if g.Attributes&windows.SE_GROUP_ENABLED != 0 && g.Attributes&windows.SE_GROUP_USE_FOR_DENY_ONLY == 0 {
			p.Groups = append(p.Groups, g.Sid.String())
		}
	}
	return p, nil
}
