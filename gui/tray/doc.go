// Package tray is what stays of the window all day: an icon among those of the
// desktop's panel, its menu, and notifications. It runs in a process of its own
// (muvpn-gui --tray) that is small because it draws no windows: no OpenGL, and
// nothing of Fyne but its translations. It decides nothing about a connection:
// it shows what the service says and asks for what is chosen.
//
// What is shown and told is worked out by pure functions: Menu, Look and
// Next. Run owns everything that changes, in one goroutine. The icon itself is
// fyne.io/systray's, which has one for the whole process; on macOS it needs cgo.
//
// Start reading at Menu, then News, then Run.
//
// Goroutines, and who stops them:
//
//   - the follower of Run and of Herald, one each: the context;
//   - those of systray and of D-Bus: Run's end;
//   - a request to the service, or a start of the window, one each: its answer or
//     its time-out, the window's end.
package tray
