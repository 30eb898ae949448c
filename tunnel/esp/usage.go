package esp

// Usage is how much of an SA's life is used up, in packets or octets. Time is
// not ESP's business.
type Usage uint8

// The ages of an SA.
const (
	Fresh  Usage = iota
	Worn         // replace it soon
	UsedUp       // Seal drops everything
)

// Sequence numbers never wrap (RFC 4303 section 3.3.3). An SA is worn with a
// quarter left, which lasts minutes at the highest rates.
const (
	lastSequence = 1<<32 - 1
	wornSequence = 3 << 30
)

// Ciphers with blocks of 64 bits are replaced after 1 GiB, long before two
// equal blocks are likely (Bhargavan and Leurent, Sweet32, 2016); the second
// GiB is for the time that a rekey takes.
const (
	worn64   = 1 << 30
	usedUp64 = 2 << 30
)

// usage judges an SA by the number of its last packet and the octets carried.
func (s *suite) usage(seq, octets uint64) Usage {
	small := s.enc.block == 8
	switch {
	case seq >= lastSequence, small && octets >= usedUp64:
		return UsedUp
	case seq >= wornSequence, small && octets >= worn64:
		return Worn
	}
	return Fresh
}
