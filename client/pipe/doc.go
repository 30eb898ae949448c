// Package pipe is the door between the service and those who ask it: a unix
// socket, or a named pipe on Windows, made so that nobody else can have made
// it, who is on the other end, as the kernel says, and what they may do. It
// knows nothing of what is asked. A Listener is owned by whoever listens; a
// Peer and a Policy are plain data; a Guard remembers for a second who sits at
// the computer, behind a mutex of its own. There is no go statement here; the
// goroutines of the D-Bus library end with the connection of one question.
//
// Start reading at Policy, then Guard, then Listen and Dial of the system at
// hand.
package pipe
