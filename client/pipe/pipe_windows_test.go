package pipe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// TestMain plays another program when a test has started it as such.
func TestMain(m *testing.M) {
	if path := os.Getenv("PIPE_TEST_DIAL"); path != "" {
		c, err := Dial(context.Background(), path)
		if err == nil {
			c.Write([]byte("hello"))
			c.Read(make([]byte, 1)) // until the listener has looked at us
		}
		fmt.Print(err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// name is that of a pipe which no other test uses.
func name(t *testing.T) string {
	return fmt.Sprintf(`\\.\pipe\muvpn-test-%d-%s`, os.Getpid(), t.Name())
}

func listen(t *testing.T) *Listener {
	t.Helper()
	l, err := Listen(name(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// accepted is the next connection and what its client says first.
func accepted(t *testing.T, l *Listener, words string) *Conn {
	t.Helper()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	got := make([]byte, len(words))
	c.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := c.Read(got); err != nil || string(got) != words {
		t.Fatalf("%q, %v", got, err)
	}
	return c.(*Conn)
}

func dialled(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestPeerIsWhoDialled(t *testing.T) {
	l := listen(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PIPE_TEST_DIAL="+name(t))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	far := accepted(t, l, "hello")
	defer far.Close() // before the program is waited for
	who, err := far.Peer()
	if err != nil {
		t.Fatal(err)
	}
	self, err := ownSID()
	if err != nil || who.User != self || who.PID != cmd.Process.Pid {
		t.Errorf("the kernel says %v, it is user %s, %v, process %d", who, self, err, cmd.Process.Pid)
	}
	if LocalPolicy().Rights(who) != Administer {
		t.Error("the service's own user may not administer")
	}
}

// Who has the name already could be anybody: it is not shared.
func TestListenRefuses(t *testing.T) {
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("wine 8 does not know FILE_FLAG_FIRST_PIPE_INSTANCE: a second server is let in")
	}
	l := listen(t)
	if again, err := Listen(name(t)); err == nil || !strings.Contains(err.Error(), "holds the pipe") {
		t.Errorf("a second server: %v, %v", again, err)
	}
	dialled(t, name(t)).Write([]byte("hello"))
	accepted(t, l, "hello")
	squatted := name(t) + "-squatted"
	squat(t, squatted, "D:(A;;GA;;;WD)")
	if l, err := Listen(squatted); err == nil || !strings.Contains(err.Error(), "holds the pipe") {
		t.Errorf("somebody else's pipe: %v, %v", l, err)
	}
}

// squat makes a pipe as somebody else would.
func squat(t *testing.T, path, sddl string) {
	t.Helper()
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		t.Fatal(err)
	}
	sa := &windows.SecurityAttributes{SecurityDescriptor: sd}
	sa.Length = uint32(unsafe.Sizeof(*sa))
	at, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateNamedPipe(at, windows.PIPE_ACCESS_DUPLEX|windows.FILE_FLAG_OVERLAPPED, windows.PIPE_TYPE_BYTE,
		windows.PIPE_UNLIMITED_INSTANCES, bufferSize, bufferSize, 0, sa)
	if errors.Is(err, windows.ERROR_INVALID_OWNER) {
		t.Skip("only who may restore files can make a pipe that belongs to somebody else")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { windows.CloseHandle(h) })
}

// A passphrase is not told to whoever has made a pipe of the service's name.
func TestSquattedPipeIsNotDialled(t *testing.T) {
	squat(t, name(t), "O:WDD:(A;;GA;;;WD)")
	c, err := Dial(t.Context(), name(t))
	if err == nil {
		c.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "neither the system nor an administrator nor you") {
		t.Errorf("somebody else's pipe is dialled: %v", err)
	}
}

// Who comes and says nothing keeps nobody out.
func TestSilentClientsKeepNobodyOut(t *testing.T) {
	l := listen(t)
	for range 20 {
		dialled(t, name(t))
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	near := dialled(t, name(t))
	near.Write([]byte("hello"))
	far := accepted(t, l, "hello")
	if _, err := far.Write([]byte("and to you")); err != nil {
		t.Error(err)
	}
	got := make([]byte, 10)
	if n, err := near.Read(got); err != nil || string(got[:n]) != "and to you" {
		t.Errorf("%q, %v", got, err)
	}
}

// net/http ends its own reads by a deadline that has passed, and goes on with
// the connection if the error says so in the way of package net.
func TestDeadlineIsANetError(t *testing.T) {
	l := listen(t)
	near := dialled(t, name(t))
	near.Write([]byte("hello"))
	far := accepted(t, l, "hello")
	time.AfterFunc(50*time.Millisecond, func() { far.SetReadDeadline(time.Unix(1, 0)) })
	_, err := far.Read(make([]byte, 1))
	if late, ok := err.(net.Error); !ok || !late.Timeout() {
		t.Fatalf("%T %v", err, err)
	}
	far.SetReadDeadline(time.Time{})
	near.Write([]byte("more"))
	got := make([]byte, 4)
	if n, err := far.Read(got); err != nil || string(got[:n]) != "more" {
		t.Errorf("%q, %v", got[:n], err)
	}
}

// Close ends a waiting Accept, and gives the name up.
func TestCloseEndsAccept(t *testing.T) {
	l := listen(t)
	time.AfterFunc(50*time.Millisecond, func() { l.Close() })
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ends with %v", err)
	}
	if again, err := Listen(name(t)); err != nil {
		t.Errorf("the name is not free: %v", err)
	} else {
		again.Close()
	}
}

// An administrator whose token has the group for denying only, as one who has
// not been elevated, may use what any other user may, and no more.
func TestRightsOfATokenWithoutAdministrators(t *testing.T) {
	mine := windows.GetCurrentProcessToken()
	full, err := tokenPeer(mine)
	if err != nil {
		t.Fatal(err)
	}
	office := Policy{Root: "S-1-5-18", Self: "S-1-5-18", Admins: "S-1-5-32-544", Seated: interactive}
	if office.Rights(full) != Administer {
		t.Skipf("this account is no administrator: %v", full.Groups)
	}
	less, err := tokenPeer(withoutAdministrators(t))
	if err != nil {
		t.Fatal(err)
	}
	want := Nothing
	if in(full, interactive) {
		want = Use
	}
	if got := office.Rights(less); got != want || less.User != full.User {
		t.Errorf("rights %d, want %d: %v", got, want, less.Groups)
	}
}

// withoutAdministrators is our token with that group for denying only.
func withoutAdministrators(t *testing.T) windows.Token {
	t.Helper()
	admins, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		t.Fatal(err)
	}
	var mine, less windows.Token
	if err := windows.OpenProcessToken(windows.CurrentProcess(), windows.TOKEN_ALL_ACCESS, &mine); err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	deny := windows.SIDAndAttributes{Sid: admins}
	restrict := windows.NewLazySystemDLL("advapi32.dll").NewProc("CreateRestrictedToken")
	ok, _, err := restrict.Call(uintptr(mine), 0, 1, uintptr(unsafe.Pointer(&deny)), 0, 0, 0, 0, uintptr(unsafe.Pointer(&less)))
	if ok == 0 {
		t.Fatal(err)
	}
	t.Cleanup(func() { less.Close() })
	return less
}
