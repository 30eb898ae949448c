package mobileconfig

import "encoding/binary"

// binaryMagic begins a binary property list: a list of objects, a table of
// their offsets, and a trailer of 32 octets that says where the table is.
// Containers name their objects by number, so that a small file can name one
// object very often, or itself.
const binaryMagic = "bplist"

// The kinds of objects, in the high four bits of their first octet.
const (
	kindSimple  = 0x0
	kindInteger = 0x1
	kindReal    = 0x2
	kindDate    = 0x3
	kindData    = 0x4
	kindASCII   = 0x5
	kindUTF16   = 0x6
	kindArray   = 0xA
	kindDict    = 0xD
)

const trailerLen = 32

// maxOctets bounds the texts and data of a list, each counted as often as it
// is named.
const maxOctets = 4 << 20

// binaryList is a list while it is walked.
type binaryList struct {
	body          []byte // what comes before the table
	table         []byte
	offLen        int // octets of an offset in the table
	refLen        int // octets of an object's number
	count         uint64
	visits, wants int // objects and octets seen so far
}

// checkBinary walks the list as a decoder does and says that every object lies
// where it should, and that all of them together are no more than a profile
// has.
func checkBinary(b []byte) bool {
	if len(b) < len(binaryMagic)+2+1+trailerLen {
		return false
	}
	trailer, b := b[len(b)-trailerLen:], b[:len(b)-trailerLen]
	l := binaryList{offLen: int(trailer[6]), refLen: int(trailer[7]), count: binary.BigEndian.Uint64(trailer[8:])}
	top, table := binary.BigEndian.Uint64(trailer[16:]), binary.BigEndian.Uint64(trailer[24:])
	if l.offLen < 1 || l.offLen > 8 || l.refLen < 1 || l.refLen > 8 || table < 9 || table >= uint64(len(b)) {
		return false
	}
	l.body, l.table = b[:table], b[table:]
	return l.count <= uint64(len(l.table)/l.offLen) && l.walk(top, 0)
}

// number reads a big-endian number.
func number(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// walk visits the object of that number and all below it.
func (l *binaryList) walk(index uint64, depth int) bool {
	l.visits++
	if index >= l.count || depth > maxDepth || l.visits > maxObjects {
		return false
	}
	at := number(l.table[int(index)*l.offLen:][:l.offLen])
	if at < uint64(len(binaryMagic)+2) || at >= uint64(len(l.body)) {
		return false
	}
	return l.object(l.body[at:], depth)
}

// object checks the object that b begins with.
func (l *binaryList) object(b []byte, depth int) bool {
	kind, low := b[0]>>4, b[0]&0x0F
	switch kind {
	case kindSimple:
		return low == 8 || low == 9 // false, true
	case kindInteger:
		return low <= 4 && len(b) > 1<<low
	case kindReal:
		return (low == 2 || low == 3) && len(b) > 1<<low
	case kindDate:
		return low == 3 && len(b) > 8
	case kindData, kindASCII:
		return l.octets(b, 1)
	case kindUTF16:
		return l.octets(b, 2)
	case kindArray:
		return l.container(b, 1, depth)
	case kindDict:
		return l.container(b, 2, depth)
	}
	return false
}

// counted returns how many members an object has, and what comes behind the
// count; each takes so many octets.
func counted(b []byte, each int) (n int, rest []byte, ok bool) {
	low, rest := uint64(b[0]&0x0F), b[1:]
	if low == 0x0F { // the count is an integer of its own
		if len(rest) == 0 || rest[0]>>4 != kindInteger || rest[0]&0x0F > 3 || len(rest) <= 1<<(rest[0]&0x0F) {
			return 0, nil, false
		}
		size := 1 << (rest[0] & 0x0F)
		low, rest = number(rest[1:1+size]), rest[1+size:]
	}
	return int(low), rest, low <= uint64(len(rest)/each)
}

func (l *binaryList) octets(b []byte, each int) bool {
	n, _, ok := counted(b, each)
	if !ok {
		return false
	}
	l.wants += n * each
	return l.wants <= maxOctets
}

// container visits an array's members, or a dictionary's keys and values.
func (l *binaryList) container(b []byte, perMember, depth int) bool {
	n, refs, ok := counted(b, perMember*l.refLen)
	if !ok {
		return false
	}
	for i := range n * perMember {
		if !l.walk(number(refs[i*l.refLen:][:l.refLen]), depth+1) {
			return false
		}
	}
	return true
}
