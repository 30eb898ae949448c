package tunnel

import "os"

// HaveTUN says why no TUN interface can be made, without making one; nil: it
// can.
func HaveTUN() error {
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return f.Close()
}
