package pipe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// SystemPath is where the installed service listens.
const SystemPath = `\\.\pipe\muvpn`

// access is reading and writing without FILE_CREATE_PIPE_INSTANCE: whoever had
// that could serve our clients in our place.
const access = 0x0012019b

// bufferSize is the size of a pipe's buffers, in octets.
const bufferSize = 64 << 10

// UserPath is where `muvpnd run --userspace` of an ordinary user listens.
func UserPath() string {
	self, err := ownSID()
	if err != nil {
		return ""
	}
	return SystemPath + "-" + self
}

// interactive is in the token of whoever is logged on at the screen or by a
// remote desktop, and of no network logon or service.
const interactive = "S-1-5-4"

// LocalPolicy is who may come in on this computer: the system, administrators
// and our own user administer, members of the local group muvpn and interactive
// users use. An ordinary user's own service is for nobody else.
func LocalPolicy() Policy {
	p := Policy{Root: "S-1-5-18", Admins: "S-1-5-32-544"}
	if windows.GetCurrentProcessToken().IsElevated() {
		p.Seated = interactive
	}
	p.Self, _ = ownSID()
	if sid, _, _, err := windows.LookupSID("", Group); err == nil {
		p.Users = sid.String()
	}
	return p
}

func ownSID() (string, error) {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", err
	}
	return u.User.Sid.String(), nil
}

// descriptor is the policy as SDDL, for the pipe itself: the kernel turns
// everybody else away before we see them. The owner, by whom Dial knows us, is
// named, for what a token gives by itself depends on the computer's settings.
func descriptor(p Policy) string {
	owner := p.Self
	if p.Seated != "" { // others are served, too, who know no better sign than this
		owner = p.Admins
	}
	sddl := "O:" + owner + "D:P(A;;GA;;;" + p.Root + ")(A;;GA;;;" + p.Admins + ")(A;;GA;;;" + p.Self + ")"
	for _, group := range []string{p.Users, p.Seated} {
		if group != "" {
			sddl += fmt.Sprintf("(A;;0x%08x;;;%s)", access, group)
		}
	}
	return sddl
}

// Listener accepts connections on a named pipe. One instance of the pipe
// always waits, so that the name is never free for somebody else.
type Listener struct {
	path    string
	sa      *windows.SecurityAttributes
	closing windows.Handle // event, set by Close

	accepting sync.Mutex     // held by Accept; guards next
	next      windows.Handle // the instance that waits for a client
	closed    sync.Once
}

// Listen makes the named pipe at path. Somebody else's pipe of that name is
// refused, remote clients too.
func Listen(path string) (*Listener, error) {
	sd, err := windows.SecurityDescriptorFromString(descriptor(LocalPolicy()))
	if err != nil {
		return nil, err
	}
	l := &Listener{path: path, sa: &windows.SecurityAttributes{SecurityDescriptor: sd}}
	l.sa.Length = uint32(unsafe.Sizeof(*l.sa))
	if l.closing, err = windows.CreateEvent(nil, 1, 0, nil); err != nil {
		return nil, err
	}
	if l.next, err = l.instance(windows.FILE_FLAG_FIRST_PIPE_INSTANCE); err != nil {
		windows.CloseHandle(l.closing)
		if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return nil, fmt.Errorf("another program, or another muvpnd, holds the pipe %s", path)
		}
		return nil, err
	}
	return l, nil
}

// instance makes one more end of the pipe.
func (l *Listener) instance(flags uint32) (windows.Handle, error) {
	name, err := windows.UTF16PtrFromString(l.path)
	if err != nil {
		return windows.InvalidHandle, err
	}
	return windows.CreateNamedPipe(name,
		windows.PIPE_ACCESS_DUPLEX|windows.FILE_FLAG_OVERLAPPED|flags,
		windows.PIPE_TYPE_BYTE|windows.PIPE_REJECT_REMOTE_CLIENTS,
		windows.PIPE_UNLIMITED_INSTANCES, bufferSize, bufferSize, 0, l.sa)
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	l.accepting.Lock()
	defer l.accepting.Unlock()
	for {
		if l.next == windows.InvalidHandle {
			return nil, net.ErrClosed
		}
		if err := l.await(); err != nil {
			windows.CloseHandle(l.next)
			l.next = windows.InvalidHandle
			return nil, err
		}
		taken := l.next
		next, err := l.instance(0)
		if err != nil {
			// Rather this client waits than the name be free.
			windows.DisconnectNamedPipe(taken)
			continue
		}
		l.next = next
		return newConn(taken, l.path), nil
	}
}

// await waits until a client has opened the waiting instance, or Close.
func (l *Listener) await() error {
	connected, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(connected)
	over := windows.Overlapped{HEvent: connected}
	switch err := windows.ConnectNamedPipe(l.next, &over); {
	case err == nil, errors.Is(err, windows.ERROR_PIPE_CONNECTED):
		return nil
	case errors.Is(err, windows.ERROR_NO_DATA): // it came and went
		windows.DisconnectNamedPipe(l.next)
		return l.await()
	case !errors.Is(err, windows.ERROR_IO_PENDING):
		return err
	}
	which, err := windows.WaitForMultipleObjects([]windows.Handle{l.closing, connected}, false, windows.INFINITE)
	var n uint32
	if err == nil && which == windows.WAIT_OBJECT_0+1 {
		return windows.GetOverlappedResult(l.next, &over, &n, false)
	}
	windows.CancelIoEx(l.next, &over)
	windows.GetOverlappedResult(l.next, &over, &n, true) // over must outlive the operation
	return net.ErrClosed
}

// Close ends a waiting Accept and gives the name up.
func (l *Listener) Close() error {
	l.closed.Do(func() {
		windows.SetEvent(l.closing)
		l.accepting.Lock()
		defer l.accepting.Unlock()
		if l.next != windows.InvalidHandle {
			windows.CloseHandle(l.next)
			l.next = windows.InvalidHandle
		}
		windows.CloseHandle(l.closing)
	})
	return nil
}

// Addr is the pipe's name.
func (l *Listener) Addr() net.Addr { return address(l.path) }

// Dial connects to the service at path and makes sure that the system, an
// administrator or our own user owns the pipe. It lets the service see who we
// are, and not act as us (SECURITY_IDENTIFICATION).
func Dial(ctx context.Context, path string) (net.Conn, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	for {
		h, err := windows.CreateFile(name, access, 0, nil, windows.OPEN_EXISTING,
			windows.FILE_FLAG_OVERLAPPED|windows.SECURITY_SQOS_PRESENT|windows.SECURITY_IDENTIFICATION, 0)
		if err == nil {
			return checked(h, path)
		}
		if !errors.Is(err, windows.ERROR_PIPE_BUSY) {
			return nil, &os.PathError{Op: "open", Path: path, Err: err}
		}
		select { // every instance is taken: the next one is made within moments
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// checked refuses a pipe whose owner we would not tell a passphrase.
func checked(h windows.Handle, path string) (net.Conn, error) {
	sd, err := windows.GetSecurityInfo(h, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		windows.CloseHandle(h)
		return nil, err
	}
	owner, _, err := sd.Owner()
	if err != nil {
		windows.CloseHandle(h)
		return nil, err
	}
	if p := LocalPolicy(); !p.trusted(owner.String()) && owner.String() != p.Admins {
		windows.CloseHandle(h)
		return nil, fmt.Errorf("%s owns the pipe %s, who is neither the system nor an administrator nor you", owner, path)
	}
	return newConn(h, path), nil
}
