// Package desktoptest is a desktop for tests: a session bus of its own with as
// much of a panel, a notification server and a settings portal on it as a test
// wants. It draws nothing. A Desktop is safe for use by several goroutines; it
// and its bus, a dbus-daemon, end with the test. There is no go statement here.
// Start reading at Start.
package desktoptest
