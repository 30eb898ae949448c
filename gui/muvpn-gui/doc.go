// Command muvpn-gui is the window of the VPN client.
//
//	muvpn-gui [FILE] [--tray]
//
// With a FILE it offers to import it. It talks to the service that runs
// already, the one that MUVPN_SOCKET names or the first that answers.
//
// The window needs cgo and the headers of OpenGL and of the system's windows, so
// it is built only with the tag "window" (make gui). Without it the program says
// so and names the command line; that is what go build ./... makes anywhere.
package main
