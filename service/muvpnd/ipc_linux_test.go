package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"muvpn/client"
)

// nobody is a user who may not use the service.
const nobody = 65534

// TestMain lets many tests run at once: they do not compute, they wait for
// gateways that do not answer. Started by a test as another user, it is that
// user's program.
func TestMain(m *testing.M) {
	if path := os.Getenv("MUVPND_TEST_DIAL"); path != "" {
		_, err := client.Dial(context.Background(), path)
		fmt.Print(err)
		return
	}
	flag.Set("test.parallel", "20")
	goleak.VerifyTestMain(m)
}

// Another user is refused twice: by the socket's mode, and, where that was
// opened, by the kernel's word.
func TestAnotherUserIsRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("another user's program can be started by root only")
	}
	t.Parallel()
	dir, err := os.MkdirTemp("", "muvpnd") // not t.TempDir, which others may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r := start(t, dir)
	for mode, want := range map[os.FileMode]string{0o600: "may not open", 0o666: "a request by user 65534"} {
		if err := os.Chmod(r.d.socket, mode); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/proc/self/exe")
		cmd.Env, cmd.Dir = []string{"MUVPND_TEST_DIAL=" + r.d.socket}, "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		said, err := cmd.Output()
		if err != nil || !strings.Contains(string(said), "NO_PRIVILEGE") || !strings.Contains(string(said), want) {
			t.Errorf("mode %v: %q, %v", mode, said, err)
		}
	}
}

// Many watch at once, and the session goes on.
func TestManyWatch(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	r.imported(profileFor(t, deaf(t), deaf(t), nil))
	var all sync.WaitGroup
	for range 50 {
		c, err := client.Dial(t.Context(), r.d.socket)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer c.Close()
			for now, err := range c.Watch(t.Context()) {
				if err != nil {
					t.Error(err)
				}
				if now.State == client.Failed {
					return
				}
			}
		})
	}
	if _, err := r.Up(t.Context(), client.Up{}); err != nil {
		t.Fatal(err)
	}
	all.Wait()
}
