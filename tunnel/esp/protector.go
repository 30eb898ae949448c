package esp

// protector encrypts, authenticates and takes off again: the dear half of an
// SA, which knows neither sequence numbers nor selectors. It holds keys and
// scratch space, so that nothing is allocated per packet, and belongs to one
// goroutine; every core that works on an SA has one of its own.
//
// Packets that come to it reach from the SPI to the end of the ICV. Packets
// with a Drop are skipped.
type protector interface {
	// seal encrypts the payload of packets whose header, IV and trailer are in
	// place, and writes their ICVs.
	seal(batch []Packet)
	// open checks the ICVs and decrypts the payloads of those that are right;
	// the others are dropped.
	open(batch []Packet, t *tally)
}

// builder makes the protector of a suite. Key lengths have been checked.
type builder func(s *suite, c *Config) (protector, error)
