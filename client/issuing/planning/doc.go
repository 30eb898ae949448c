// Package planning looks for what will not work, or not well, before the first
// profile is made: addresses, networks, the pool, algorithms, names and the users'
// systems. What an issue would refuse, package issuing says; what else is known of
// networks in the field stands here. It is pure: nothing is read, asked or sent,
// nothing is kept, and no goroutine is started. Start reading at Check.
package planning
