//go:build unix

package pipe

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user who is neither root nor us, and a group none of ours.
const nobody, stranger = 65534, 54321

// TestMain plays another user's program when a test has started it as such.
func TestMain(m *testing.M) {
	if path := os.Getenv("PIPE_TEST_DIAL"); path != "" {
		c, err := net.Dial("unix", path)
		if err == nil {
			c.Write([]byte("hello"))
			c.Read(make([]byte, 1)) // until the listener has looked at us
		}
		fmt.Print(err)
		os.Exit(0)
	}
	if path := os.Getenv("PIPE_TEST_LISTEN"); path != "" {
		l, err := net.Listen("unix", path)
		fmt.Println(err)
		if err == nil {
			os.Stdin.Read(make([]byte, 1)) // until the test is done
			l.Close()
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// asNobody starts this test program as another user, who may be in group gid.
func asNobody(t *testing.T, env string, gid uint32) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("another user's program can be started by root only")
	}
	if err := os.Chmod("/proc/self/exe", 0o755); err != nil { // go makes it as the umask says
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{env}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{gid}}}
	return cmd
}

// folder is a folder that everybody may pass and only we may write.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "muvpn-pipe")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// listen opens the door at path, for everybody whom the mode lets.
func listen(t *testing.T, path string, mode os.FileMode) *Listener {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if mode != 0 {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestPeerIsWhoDialled(t *testing.T) {
	path := filepath.Join(folder(t), "muvpnd.sock")
	l := listen(t, path, 0)
	near, err := Dial(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	who, err := far.(*Conn).Peer()
	if err != nil {
		t.Fatal(err)
	}
	if who.User != strconv.Itoa(os.Geteuid()) || who.PID != os.Getpid() {
		t.Errorf("the kernel says %v, we are user %d, process %d", who, os.Geteuid(), os.Getpid())
	}
	if LocalPolicy().Rights(who) != Administer {
		t.Error("the service's own user may not administer")
	}
}

// Only where users sit at the computer may everybody knock.
func TestSocketMode(t *testing.T) {
	for _, c := range []struct {
		group, seats bool
		want         os.FileMode
	}{{false, false, 0o600}, {true, false, 0o660}, {false, true, 0o666}, {true, true, 0o666}} {
		if got := socketMode(c.group, c.seats); got != c.want {
			t.Errorf("group %v, seats %v: %v, want %v", c.group, c.seats, got, c.want)
		}
	}
	path := filepath.Join(folder(t), "muvpnd.sock")
	listen(t, path, 0)
	info, err := os.Stat(path)
	if want := socketMode(os.Geteuid() == 0 && LocalPolicy().Users != "", localSeats() != nil); err != nil || info.Mode().Perm() != want {
		t.Errorf("the socket is %v, %v, want %v", info.Mode(), err, want)
	}
}

// Where nobody sits at the computer the socket's mode is the first barrier:
// another user does not even connect.
func TestAnotherUserCannotConnect(t *testing.T) {
	path := filepath.Join(folder(t), "muvpnd.sock")
	listen(t, path, socketMode(true, false))
	said, err := asNobody(t, "PIPE_TEST_DIAL="+path, nobody).Output()
	if err != nil || !strings.Contains(string(said), "permission denied") {
		t.Errorf("another user dialled: %q, %v", said, err)
	}
}

// The kernel's word is the second: who comes in all the same has no rights,
// unless in the right group.
func TestAnotherUserHasNoRights(t *testing.T) {
	path := filepath.Join(folder(t), "muvpnd.sock")
	l := listen(t, path, 0o666)
	policy := Policy{Root: "0", Self: "0", Users: strconv.Itoa(stranger)}
	for _, c := range []struct {
		group uint32
		want  Rights
	}{{nobody, Nothing}, {stranger, Use}} {
		child := asNobody(t, "PIPE_TEST_DIAL="+path, c.group)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		who, err := conn.(*Conn).Peer()
		if err != nil || who.User != strconv.Itoa(nobody) || policy.Rights(who) != c.want {
			t.Errorf("group %d: %+v, %v, rights %d, want %d", c.group, who, err, policy.Rights(who), c.want)
		}
		conn.Close()
		child.Wait()
	}
}

// A socket that another user's program serves is not told anything.
func TestSquattedSocketIsNotDialled(t *testing.T) {
	dir := folder(t)
	os.Chmod(dir, 0o777)
	path := filepath.Join(dir, "muvpnd.sock")
	child := asNobody(t, "PIPE_TEST_LISTEN="+path, nobody)
	stdin, _ := child.StdinPipe()
	stdout, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer stdin.Close()
	stdout.Read(make([]byte, 16)) // it listens now
	conn, err := Dial(context.Background(), path)
	if err == nil {
		conn.Close()
		t.Fatal("dialled a socket of user nobody")
	}
	if !strings.Contains(err.Error(), "neither root nor you") {
		t.Errorf("said %q", err)
	}
	os.Chmod(dir, 0o755)
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "not to us") {
		t.Errorf("listening on a squatted socket: %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		prepare    func(t *testing.T, dir, path string) error
	}{
		{"a file in its place", "is not a socket", func(_ *testing.T, _, path string) error {
			return os.WriteFile(path, []byte("mine"), 0o600)
		}},
		{"a link in its place", "is not a socket", func(_ *testing.T, _, path string) error {
			return os.Symlink("/dev/null", path)
		}},
		{"another service that answers", "another muvpnd is answering", func(t *testing.T, _, path string) error {
			listen(t, path, 0)
			return nil
		}},
		{"a folder that others may write", "writable by others", func(_ *testing.T, dir, _ string) error {
			return os.Chmod(dir, 0o777)
		}},
		{"a folder that is a link", "not a directory", func(_ *testing.T, dir, _ string) error {
			return os.Rename(dir, dir+".real")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			path := filepath.Join(dir, "muvpnd.sock")
			if err := c.prepare(t, dir, path); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(dir); err != nil {
				t.Cleanup(func() { os.RemoveAll(dir + ".real") })
				if err := os.Symlink(dir+".real", dir); err != nil {
					t.Fatal(err)
				}
			}
			l, err := Listen(path)
			if err == nil {
				l.Close()
				t.Fatal("listened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("said %q, not %q", err, c.want)
			}
		})
	}
}

func TestListenTakesOverADeadSocket(t *testing.T) {
	path := filepath.Join(folder(t), "muvpnd.sock")
	dead := listen(t, path, 0)
	dead.SetUnlinkOnClose(false) // as after kill -9
	dead.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Fatal("there is no dead socket to take over:", err)
	}
	listen(t, path, 0)
	conn, err := Dial(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestListenRefusesALongPath(t *testing.T) {
	if _, err := Listen("/" + strings.Repeat("x", maxPath)); err == nil || !strings.Contains(err.Error(), "octets") {
		t.Errorf("said %v", err)
	}
}
