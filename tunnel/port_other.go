//go:build !linux

package tunnel

// portHolder is not known on this system.
func portHolder(uint16) string { return "" }

// PortHolder does not know on this system.
func PortHolder(uint16) (holder string, taken bool) { return "", false }
