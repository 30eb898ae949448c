package service

import "golang.org/x/sys/unix"

// osRelease names the version of macOS and its build.
func osRelease() string {
	name := "macOS"
	for _, key := range []string{"kern.osproductversion", "kern.osversion"} {
		if value, err := unix.Sysctl(key); err == nil {
			name += " " + value
		}
	}
	return name
}
