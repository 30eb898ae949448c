package gateway

import (
	"net/netip"
	"time"

	"muvpn/tunnel/ike/suite"
)

// Datagram is one IKE message on its way, without the non-ESP marker.
type Datagram struct {
	Data   []byte
	Local  netip.AddrPort // the gateway's own address and port
	Remote netip.AddrPort // the client's
	// Encap says that it travels on the UDP-encapsulation port (RFC 3948).
	Encap bool
}

// Action is what a gateway wants to be done, in order.
type Action interface{ action() }

// Send is a datagram to be sent from its Local to its Remote.
type Send struct{ Datagram }

// Install puts an SA pair into use: packets to Remote take it from now on.
type Install struct{ Child }

// Remove takes an SA pair out of use.
type Remove struct{ SPIIn uint32 }

// Log is a line of the log: "Phase 1 completed as responder", written by
// "iked[90]".
type Log struct{ Process, Text string }

func (Send) action()    {}
func (Install) action() {}
func (Remove) action()  {}
func (Log) action()     {}

// Child is an SA pair, seen from the gateway.
type Child struct {
	User          string
	SPIIn, SPIOut uint32
	MessageID     uint32 // of the Quick Mode that made it
	// Proposal's Encryption and Integrity, with KeyIn and KeyOut, are what
	// package esp takes.
	Proposal      suite.Proposal
	KeyIn, KeyOut Key
	Local         netip.Prefix   // behind the gateway
	Remote        netip.Prefix   // the virtual IP
	Encap         bool           // UDP encapsulation; else IP protocol 50
	Address       netip.Addr     // the gateway's own, where ESP leaves from
	Peer          netip.AddrPort // where ESP goes; the port only with Encap
	Lifetime      time.Duration
	LifetimeKB    uint64
}

// Key is the keying material of one direction.
type Key struct{ Encryption, Integrity []byte }

// Traffic is what an SA pair has carried since it was installed.
type Traffic struct {
	SPIIn     uint32
	PacketsIn uint64
}
