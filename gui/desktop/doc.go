// Package desktop is what the window and the tray need of the user's desktop and
// Fyne does not give: whether the tray starts at login, how large the user wants
// texts, a program started beside this one, and a message where no window can be
// had. One file for each system; what is common is in the others. It holds no
// state. Nothing here for Windows and macOS was tried on a real one.
//
// Start reading at StartAtLogin, TextScale and Tell.
//
// Goroutines, and who stops them:
//
//   - the listener of WatchTextScale: its context;
//   - what waits for a program of Start: that program's end.
package desktop
