// Package serve is the service's half of the wire that package client speaks:
// it accepts connections, learns from the kernel who is asking and from a Guard
// what they may do, and turns requests into calls of Service. Everything is
// bounded: the number of connections of each kind of caller and of each user,
// the octets of a request, the time to send one and the time to take an answer.
// It decides no more than "may use" and "may administer", and owns nothing but
// its connections.
//
// Start reading at Service, then Serve, then guest.go. There is no go statement here: net/http
// has one goroutine a connection, and Serve returns when all have ended.
package serve
