package esp

// Headroom is how many octets a Packet must have before Start when it is
// sealed: SPI, sequence number and the longest IV. Tailroom is how many it
// must have behind End: the longest padding, trailer and ICV.
const (
	Headroom = 8 + 16
	Tailroom = 16 + 2 + 32
)

// Packet is one packet inside a buffer: Buf[Start:End]. Seal and Open work in
// place and move Start and End; a packet that is refused gets a Drop and is
// skipped by everything after.
type Packet struct {
	Buf        []byte
	Start, End int
	Drop       Drop
}

// Data is the packet's octets.
func (p *Packet) Data() []byte { return p.Buf[p.Start:p.End] }

// Drop says why a packet was dropped; zero: it was not.
type Drop uint8

// The reasons for dropping a packet. Each has a counter.
const (
	Kept Drop = iota
	DropMalformed
	DropUnknownSPI
	DropReplay
	DropICV
	DropPadding
	DropInnerVersion
	DropSelector
	DropNoSA
	DropExhausted // the sequence number or the volume is used up
	DropDummy     // next header 59: TFC, not an error
	DropTooBig    // answered with ICMP
	NumDrops
)
