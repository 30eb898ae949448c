package esp

// Headroom is how many octets a Packet must have before Start when it is
// sealed: SPI, sequence number and the longest IV. Tailroom is how many it
// must have behind End: the longest padding, trailer and ICV. A packet without
// that room is dropped as malformed.
const (
	Headroom = headerLen + 16
	Tailroom = 16 + trailerLen + 32
)

// Packet is one packet inside a buffer: Buf[Start:End]. Seal and Open work in
// place and move Start and End; a packet that is refused gets a Drop and is
// skipped by everything after. The octets of a packet that Seal refused are
// untouched; those of a packet that Open refused are worth nothing.
type Packet struct {
	Buf        []byte
	Start, End int
	Drop       Drop
	// ECN is the codepoint (RFC 3168, two bits) of the outer IP header: what
	// Seal wants there, and what Open's caller found there.
	ECN uint8

	seq uint64 // sequence number, from admission to the end
	mtu int    // that the packet was too big for, with DropTooBig
}

// Data is the packet's octets.
func (p *Packet) Data() []byte { return p.Buf[p.Start:p.End] }

// kept says that nothing has refused the packet so far.
func (p *Packet) kept() bool { return p.Drop == Kept }

// Drop says why a packet was dropped; zero: it was not.
type Drop uint8

// The reasons for dropping a packet. Each has a counter.
const (
	Kept             Drop = iota
	DropMalformed         // truncated, oversized, or no room in the buffer
	DropUnknownSPI        // no such SA, or not by this encapsulation
	DropReplay            // sequence number seen before, too old, or zero
	DropICV               // the integrity check failed
	DropPadding           // padding is not 1, 2, 3, …
	DropInnerVersion      // neither an IPv4 nor an IPv6 packet inside
	DropSelector          // inner addresses outside the SA's networks
	DropNoSA              // no SA leads to the destination
	DropExhausted         // the sequence number or the volume is used up
	DropDummy             // next header 59: TFC, not an error
	DropTooBig            // answered with ICMP, see TooBig
	DropECN               // congestion marked on a packet that cannot carry it
	NumDrops
)

var dropNames = [NumDrops]string{
	"kept", "malformed", "unknown_spi", "replay", "icv", "padding", "inner_version",
	"selector", "no_sa", "exhausted", "dummy", "too_big", "ecn",
}

// String is the reason in one word, as it stands in the log and in JSON.
func (d Drop) String() string {
	if d < NumDrops {
		return dropNames[d]
	}
	return "unknown"
}
