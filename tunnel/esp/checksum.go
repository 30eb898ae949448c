package esp

import "encoding/binary"

// word is the first 16 bits of b.
func word(b []byte) uint16 { return binary.BigEndian.Uint16(b) }

// checksum is the Internet checksum (RFC 1071) of b, begun with sum.
func checksum(sum uint32, b []byte) uint16 {
	return ^fold(addWords(sum, b))
}

// addWords adds the 16-bit words of b to sum; an odd octet is padded with zero.
func addWords(sum uint32, b []byte) uint32 {
	for len(b) >= 2 {
		sum += uint32(word(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

// fold brings the carries of a sum back into 16 bits.
func fold(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// updateChecksum corrects the checksum at the start of b after one 16-bit word
// under it has changed (RFC 1624 section 3, equation 3).
func updateChecksum(b []byte, was, is uint16) {
	sum := uint32(^word(b)) + uint32(^was) + uint32(is)
	binary.BigEndian.PutUint16(b, ^fold(sum))
}
