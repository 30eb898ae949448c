package ike

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"muvpn/tunnel/ike/suite"
)

// KeepaliveEvery is how often a NAT keepalive is sent (RFC 3948 section 4).
const KeepaliveEvery = 20 * time.Second

// NATVersion is one way of NAT traversal, the better ones greater. Drafts 00
// and 01 do not float and 04 to 08 chose colliding numbers: none of them is
// spoken.
type NATVersion uint8

// The versions of NAT traversal.
const (
	NATNone      NATVersion = iota
	NATDraft02              // draft-ietf-ipsec-nat-t-ike-02
	NATDraft02LF            // the same under the vendor ID of its name with a line feed
	NATDraft03
	NATRFC3947
)

// Draft says that the version numbers its payloads and modes as the drafts do.
func (v NATVersion) Draft() bool { return v != NATRFC3947 }

// TunnelMode is the Encapsulation Mode of ESP in tunnel mode (RFC 2407 section
// 4.5, RFC 3947 section 5.1), with UDP encapsulation as encap says.
func (v NATVersion) TunnelMode(encap bool) uint16 {
	switch {
	case !encap:
		return 1
	case v.Draft():
		return 61443
	}
	return 3
}

// String names the version as the log does.
func (v NATVersion) String() string {
	return [...]string{"none", "draft-02", "draft-02\\n", "draft-03", "RFC 3947"}[v]
}

// NATHash is the body of a NAT-D payload (RFC 3947 section 3.2).
func NATHash(h suite.Hash, cookieI, cookieR [8]byte, a netip.AddrPort) []byte {
	port := binary.BigEndian.AppendUint16(nil, a.Port())
	return h.Sum(cookieI[:], cookieR[:], a.Addr().Unmap().AsSlice(), port)
}

// NAT is where address translation was found, or that it is pretended.
type NAT struct{ Here, There, Forced bool }

// DetectNAT compares the NAT-D payloads that a peer sent, its destination
// (us) first, then its sources, with the hashes of our own and of the peer's
// address. Without payloads there is no verdict: no NAT.
func DetectNAT(received [][]byte, local, remote []byte) NAT {
	if len(received) < 2 {
		return NAT{}
	}
	n := NAT{Here: !bytes.Equal(received[0], local), There: true}
	for _, source := range received[1:] {
		n.There = n.There && !bytes.Equal(source, remote)
	}
	return n
}

// Encap says that ESP must travel in UDP.
func (n NAT) Encap() bool { return n.Here || n.There || n.Forced }

// String is "none", "here", "there", "both" or "forced".
func (n NAT) String() string {
	switch {
	case n.Here && n.There:
		return "both"
	case n.Here:
		return "here"
	case n.There:
		return "there"
	case n.Forced:
		return "forced"
	}
	return "none"
}

// Keepalive is the timer of NAT keepalives. The zero value is off.
type Keepalive struct{ next time.Time }

// Start begins to count.
func (k *Keepalive) Start(now time.Time) { k.next = now.Add(KeepaliveEvery) }

// Next is when the next one is due.
func (k *Keepalive) Next() (time.Time, bool) { return k.next, !k.next.IsZero() }

// Due says that one is to be sent now.
func (k *Keepalive) Due(now time.Time) bool {
	if k.next.IsZero() || now.Before(k.next) {
		return false
	}
	k.Start(now)
	return true
}
