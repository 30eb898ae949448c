// Package ike is the contract between a tunnel and a key-exchange session, and
// what every version of IKE shares: exchange bookkeeping (retransmission and
// the cache of answers), NAT traversal, dead peer detection and lifetimes.
//
// It is pure: datagrams and the time go in; datagrams, events and the next
// timeout come out. It opens no socket, starts no goroutine, reads no clock
// and writes no log. A Session is owned by one goroutine, the control loop of
// package tunnel. Start reading at Session.
package ike
