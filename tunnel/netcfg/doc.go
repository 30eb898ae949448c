// Package netcfg sets addresses, MTU, routes, DNS and firewall of the computer
// as one value. The plan (what to add, what to take away, in which order) is
// portable and pure; each system has small files that carry it out. What will be
// changed is written to a journal before it is changed, so that a crash leaves
// nothing behind: Recover undoes it at the next start.
//
// It neither creates the TUN interface nor knows the tunnel behind it: the
// interface must exist while a value is set. It never runs a command where the
// system has an interface of its own. A Manager is owned by one goroutine, the
// service's own; Watch has another, its caller's. On macOS it starts one more,
// which reads the route socket until Watch returns.
//
// What is set: MTU and state of the interface, its addresses, a host route to
// the gateway beside the tunnel with a refusal behind it, refusals, routes, DNS,
// and the firewall (Shield) that keeps what routes only lead. A default route is
// never replaced: its two halves win over it by being longer. What others change
// while a value is set is theirs and is left when ours is undone; but the
// firewall is wholly ours. A kill switch (Block) is no part of a value: it
// outlives values, crashes and starts until Unblock.
//
// Start reading at Config and Manager, then want.go and plan.go; journal.go is
// what survives a crash, system.go what each system must do. The firewall begins
// at shield.go and rule.go, the kill switch at killswitch.go; wfp.go and pf.go
// say in which order the rules come into Windows and macOS, where nobody has
// tried them yet.
package netcfg
