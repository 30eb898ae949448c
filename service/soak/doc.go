// Command soak finds out whether muvpnd grows: it runs the shipped muvpnd in
// userspace and muvpn-testgw on loopback, without privileges, loads them with
// all that a service meets (transfers both ways, rekeys every few seconds,
// reconnects, a gateway that is restarted and one that dies, watchers that come
// and go, polling), and compares what muvpnd holds at rest before and after.
// `make soak` runs it.
//
// muvpnd is watched from outside and has nothing built in for it: /proc tells
// its memory and descriptors, and Go's runtime, asked by GODEBUG, its heap
// (gctrace) and its goroutines (schedtrace). Rest is the same moment each time:
// disconnected, nobody connected to its socket, and the garbage collected.
//
// It owns its processes and one temporary folder, and takes both away. Start
// reading at run; verdict.go says what may grow and by how much.
//
// Goroutines, and who stops them:
//
//   - trace.read, one: muvpnd ends.
//   - those of load.start, each one kind of load: the load's context ends.
package main
