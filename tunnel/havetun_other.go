//go:build !linux && !windows

package tunnel

// HaveTUN says why no TUN interface can be made, without making one; nil: it
// can. On macOS the kernel has utun.
func HaveTUN() error { return nil }
