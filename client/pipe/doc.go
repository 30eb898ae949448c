// Package pipe is the door between the service and those who ask it: a unix
// socket, or a named pipe on Windows, made so that nobody else can have made
// it, and who is on the other end, as the kernel says. It knows nothing of
// what is asked. A Listener is owned by whoever listens; a Peer and a Policy
// are plain data. There is no goroutine here.
//
// Start reading at Policy, then Listen and Dial of the system at hand.
package pipe
