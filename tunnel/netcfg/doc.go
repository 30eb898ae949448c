// Package netcfg sets addresses, MTU, routes and DNS of the computer as one
// value. The plan (what to add, what to take away, in which order) is portable
// and pure; each system has one small file that carries it out. What will be
// changed is written to a journal before it is changed, so that a crash leaves
// nothing behind: Recover undoes it at the next start.
//
// A Manager is owned by one goroutine, the service's own. It never runs a
// command where the system has an interface of its own. Start reading at
// Config and Manager.
package netcfg
