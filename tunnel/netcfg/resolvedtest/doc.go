// Package resolvedtest is a stand-in for systemd-resolved, for tests: the calls
// of org.freedesktop.resolve1 that netcfg makes, on a message bus of its own.
// It remembers what was set for each interface and answers no names.
//
// A Resolved is safe for use by several goroutines. Its bus is a dbus-daemon
// process that the test ends; the goroutines are those of the D-Bus library,
// ended with the connection.
package resolvedtest
