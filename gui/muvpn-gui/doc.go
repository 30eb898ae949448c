// Command muvpn-gui is the window of the VPN client, and its icon in the tray.
//
//	muvpn-gui [FILE] [--tray]
//
// With a FILE it offers to import it. There is one window in a session: started
// again, it hands the file to the one that is there and brings it to the front.
// With --tray it is the icon alone, in a process of its own that draws no windows.
// It talks to the service that runs already, the one that MUVPN_SOCKET names or
// the first that answers.
//
// The window needs cgo and the headers of OpenGL and of the system's windows, so
// it is built only with the tag "window" (make gui). Without it the program has
// the tray only, says so and names the command line; that is what go build ./...
// makes anywhere.
//
// Start reading at start in main.go, then runWindow and runTray.
//
// Goroutines, and who stops them:
//
//   - the door's, what goes on beside the window (beside) and the question for the
//     size of texts: the end of runWindow;
//   - loadFonts, which Fill waits for: the fonts are loaded;
//   - the timer that gives memory back to the system: it has, once.
package main
