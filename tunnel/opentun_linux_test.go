package tunnel

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// TestTUNNeedsRoot opens a real TUN in a namespace of its own, and sees that a
// read is interrupted, that it goes on, and that nothing runs on after Close.
func TestTUNNeedsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a TUN needs root")
	}
	defer elsewhere(t)()
	dev, err := OpenTUN("muvpntest0")
	if err != nil {
		t.Fatal(err)
	}
	bufs, sizes := [][]byte{make([]byte, 2000)}, []int{0}
	for range 2 {
		readDeadline(dev, time.Now().Add(10*time.Millisecond))
		if _, err := dev.Read(bufs, sizes, 100); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
	}
	link, err := netlink.LinkByName("muvpntest0")
	if err != nil {
		t.Fatal(err)
	}
	if mtu := link.Attrs().MTU; mtu != FirstMTU {
		t.Errorf("MTU %d", mtu)
	}
	for range 10 { // more events than the device keeps
		if err := errors.Join(netlink.LinkSetUp(link), netlink.LinkSetDown(link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := dev.Close(); err != nil {
		t.Error(err)
	}
	if _, err := dev.Read(bufs, sizes, 100); err == nil {
		t.Error("a closed device can be read")
	}
}

// elsewhere moves the thread to a network namespace of its own; what it returns
// moves it back.
func elsewhere(t *testing.T) (back func()) {
	t.Helper()
	runtime.LockOSThread()
	own, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(netns.Set(own), own.Close(), ns.Close()); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
	}
}
