// Package gui is the window: what a remote user meets. It shows what the
// service says and asks what the service asks; it decides nothing about a
// connection and holds no secret longer than it takes to hand it over. It knows
// client and profile, never service or tunnel, and it does not import Fyne's app
// package, so that its tests need neither a display nor cgo; package muvpn-gui
// does.
//
// What is seen is worked out by pure functions: Look turns a Seen, all that is
// known at one moment, into a View, all that is shown. Window paints a View and
// owns every widget; only Fyne's own goroutine touches it (fyne.Do). Texts are
// English here and translated by Fyne's lang, from assets/words.
//
// Start reading at Look, then Window.
//
// Goroutines, and who stops them:
//
//   - the follower of Window.Follow, one for each window: its context;
//   - the question of OnClose whether there is a tray, one each: its answer;
//   - a request to the service (Window.ask), one each: its answer, or its
//     time-out.
package gui
