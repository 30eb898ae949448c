package ike

import (
	"encoding/binary"
	"io"
	"time"
)

const (
	// block64Limit is what one key of a 64-bit block cipher may carry, in
	// octets, whatever else was agreed (Sweet32).
	block64Limit = 1 << 30
	// packetLimit keeps sequence numbers of 32 bits far from their end.
	packetLimit = 1 << 31
)

// Lifetime is how long an SA may be used: until Hard, or until HardBytes or
// 2^31 packets went one way. At the soft limits it is to be replaced.
type Lifetime struct {
	Soft, Hard           time.Time
	SoftBytes, HardBytes uint64 // 0: no limit
}

// NewLifetime starts the lifetime of an SA at now. kilobytes 0 is no limit,
// but block64 says that the cipher has 64-bit blocks and a limit of its own.
// The soft limits are 90 % less a random tenth, so that the two ends and many
// clients do not all rekey at once.
func NewLifetime(now time.Time, d time.Duration, kilobytes uint64, block64 bool, random io.Reader) (Lifetime, error) {
	share, err := softShare(random)
	if err != nil {
		return Lifetime{}, err
	}
	l := Lifetime{Soft: now.Add(d / 1000 * time.Duration(share)), Hard: now.Add(d)}
	l.HardBytes = byteLimit(kilobytes, block64)
	l.SoftBytes = l.HardBytes / 1000 * share
	return l, nil
}

// byteLimit is the stricter of the two limits in octets.
func byteLimit(kilobytes uint64, block64 bool) uint64 {
	const most = 1 << 62
	limit := kilobytes
	if limit > most>>10 {
		limit = most >> 10
	}
	limit <<= 10
	if block64 && (limit == 0 || limit > block64Limit) {
		return block64Limit
	}
	return limit
}

// softShare is the soft limit in thousandths: 801 to 900.
func softShare(random io.Reader) (uint64, error) {
	var octets [2]byte
	if _, err := io.ReadFull(random, octets[:]); err != nil {
		return 0, err
	}
	return 900 - uint64(binary.BigEndian.Uint16(octets[:]))%100, nil
}

// SoftDue says that the SA is to be replaced, given what it has carried.
func (l Lifetime) SoftDue(now time.Time, t Traffic) bool {
	return !now.Before(l.Soft) || l.SoftBytes > 0 && most(t) >= l.SoftBytes ||
		max(t.PacketsIn, t.PacketsOut) >= packetLimit
}

// HardDue says that the SA must not be used any more.
func (l Lifetime) HardDue(now time.Time, t Traffic) bool {
	return !now.Before(l.Hard) || l.HardBytes > 0 && most(t) >= l.HardBytes
}

// most is the octets of the busier direction: each has a key of its own.
func most(t Traffic) uint64 { return max(t.BytesIn, t.BytesOut) }
