// Package explain says to people why a connection failed, or was ended without
// having failed: for every reason.Code what happened, what the user can try and
// what the administrator should look at. The command line, the log and the window take their words
// from here. It is text and pure functions; it knows no state. Start reading at
// Advice, the texts are in advice.go.
package explain
