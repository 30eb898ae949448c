// Package screen plays the window as a person uses it: on a real X server with a
// window manager, a panel that has a tray, and notifications, with mouse and
// keyboard. What is on the screen is read by character recognition, so that a
// test sees what people see, and clicks where a word stands.
//
// A test runs in namespaces of its own: its loopback is its own, so that cutting
// it harms nobody and port 500 is free, and whatever it started ends with it,
// even when it is killed. Pictures are left in build/gui, and those that the user
// guide shows in a folder of their own, from where package guide takes them.
// `make screen` runs the tests; without MUVPN_SCREEN they are skipped.
//
// Start reading at Open, then walk_linux_test.go. Beside that day of lisa's: files
// that fall onto the window or are double-clicked (files_linux_test.go), a day
// without mouse and tray (keyboard_linux_test.go), other languages and large texts
// (words_linux_test.go).
//
// TestFigures measures the window beside an empty one of Fyne (`make figures`). It
// reads the pixels where the X server keeps them (Frame), which disturbs nobody.
//
// Goroutines, and who stops them, two for each program, which ends with the test:
//
//   - the one in Start that waits for its end;
//   - the reader in line: the end of its output.
package screen
