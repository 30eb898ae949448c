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
// English here and translated by Fyne's lang, from assets/words: who adds a text
// adds it to every file there, and TestEveryTextIsTranslated says which are
// missing. Fyne's own font has no Japanese characters; Fyne takes them from a font
// of the system (on Debian fonts-noto-cjk). That is seen on Linux; on Windows and
// macOS, which bring such fonts, it was not tried.
//
// Beside it: importing (importing.go, Page in importview.go), the menu (menu.go), the log in a window of its own (logwindow.go) with
// the message to the support (sending.go), the settings (settingswindow.go) and the
// diagnosis (diagnosing.go). What they show is pure, too: loglines.go, picks.go,
// settings.go. A sheet (sheet.go) is a dialog that works by keyboard.
//
// Start reading at Look, then Window.
//
// Goroutines, and who stops them:
//
//   - the follower of Window.Follow, one for each window: its context;
//   - the question of OnClose whether there is a tray, one each: its answer;
//   - a request to the service (Window.ask, settingsWindow.asks), one each: its
//     answer, or its time-out;
//   - a diagnosis (diagnosing.look): its answer, or that its dialog is closed;
//   - the reader of the log (logWindow.follow), one at a time: that the window is
//     closed, or the log is to be read in another form;
//   - what hands a message to the mail program (sending.press): mail.Open, within
//     seconds;
//   - what an import does aside (Window.aside): reading the file, trying a
//     passphrase, asking the service, one each: its end, or a time-out.
package gui
