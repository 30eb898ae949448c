// Package netcfg sets addresses, MTU, routes and DNS of the computer as one
// value. The plan (what to add, what to take away, in which order) is portable
// and pure; each system has small files that carry it out. What will be
// changed is written to a journal before it is changed, so that a crash leaves
// nothing behind: Recover undoes it at the next start.
//
// It neither creates the TUN interface nor knows the tunnel behind it: the
// interface must exist while a value is set. It never runs a command where the
// system has an interface of its own. A Manager is owned by one goroutine, the
// service's own; the package starts none.
//
// Start reading at Config and Manager, then plan.go.
package netcfg
