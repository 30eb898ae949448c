// Package sysbus is what the system tells of the computer on its message bus:
// who logs in at it, when it sleeps and wakes, and whether the network wants its
// user to sign in first. On Linux that is systemd-logind and NetworkManager on
// D-Bus; either may be missing. On Windows the system says only the last, macOS
// nothing: what there is no event for the service does without.
//
// It decides nothing and changes nothing, but for one thing: it asks logind to
// wait with a sleep until it was told of. Watch runs on its caller's goroutine
// and owns all its state; the goroutines of the D-Bus library end with the
// connection. Start reading at Event, then watch_linux.go.
package sysbus
