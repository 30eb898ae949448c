package tunnel

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.zx2c4.com/wireguard/tun/tuntest"
)

func TestPumpedReadIsInterruptedAndGoesOn(t *testing.T) {
	wintun := tuntest.NewChannelTUN() // its Read cannot be interrupted either
	p := newPumped(wintun.TUN())
	read := func() (string, error) {
		bufs, sizes := [][]byte{make([]byte, 100)}, []int{0}
		if _, err := p.Read(bufs, sizes, 10); err != nil {
			return "", err
		}
		return string(bufs[0][10 : 10+sizes[0]]), nil
	}
	if err := readDeadline(p, time.Now().Add(10*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := read(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	wintun.Outbound <- []byte("while nobody reads")
	readDeadline(p, time.Time{})
	if got, err := read(); got != "while nobody reads" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	ended := make(chan error)
	go func() { _, err := read(); ended <- err }()
	p.Close()
	p.Close()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	if err := readDeadline(p, time.Time{}); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func TestPumpedDropsWhatFindsNoRoom(t *testing.T) {
	wintun := tuntest.NewChannelTUN()
	p := newPumped(wintun.TUN())
	defer p.Close()
	for range 2 * pumpQueue {
		wintun.Outbound <- []byte("packet") // never blocks for good
	}
}

func TestReadDeadlineNeedsADeviceThatHasOne(t *testing.T) {
	if err := readDeadline(tuntest.NewChannelTUN().TUN(), time.Time{}); !errors.Is(err, os.ErrNoDeadline) {
		t.Error(err)
	}
}
