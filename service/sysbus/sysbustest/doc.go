// Package sysbustest is a stand-in for systemd-logind and NetworkManager, for
// tests: the calls and signals that sysbus knows, on a message bus of its own.
//
// A System is safe for use by several goroutines. Its bus is a dbus-daemon
// process that the test ends; the goroutines are those of the D-Bus library,
// ended with the connection.
package sysbustest
