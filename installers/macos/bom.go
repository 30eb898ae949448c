package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path"
	"time"
)

// bom is the table of a payload that macOS keeps, as a Bom file: numbered blocks, some
// of them with names (variables). Apple describes it nowhere; lsbom(8) and what
// others have found out do. All numbers are big-endian.
type bom struct {
	blocks [][]byte // the first is none
	names  bytes.Buffer
	count  uint32 // of the names
}

// add adds a block and returns its number. Numbers have a fixed size.
func (b *bom) add(parts ...any) uint32 {
	var block bytes.Buffer
	for _, part := range parts {
		binary.Write(&block, binary.BigEndian, part) // numbers, to a Buffer
	}
	b.blocks = append(b.blocks, block.Bytes())
	return uint32(len(b.blocks) - 1)
}

// named gives a block a name.
func (b *bom) named(name string, block uint32) {
	b.count++
	binary.Write(&b.names, binary.BigEndian, block)
	b.names.WriteByte(byte(len(name)))
	b.names.WriteString(name)
}

// Sizes of the pages that a tree would grow by.
const (
	page      = 4096
	pageSmall = 128
	// leaves are how many paths a page holds; a tree of more pages than one is
	// not needed here.
	leaves = 256
)

// tree adds a tree of one page; pairs are the numbers of the blocks of value and key.
func (b *bom) tree(size uint32, pairs ...[2]uint32) uint32 {
	const leaf, before, after = 1, 0, 0
	child := b.add(uint16(leaf), uint16(len(pairs)), uint32(after), uint32(before), pairs)
	return b.add([]byte("tree"), uint32(1), child, size, uint32(len(pairs)), uint8(0))
}

// path adds what is known of a file, under a number and that of its folder.
func (b *bom) path(e entry, number, folder uint32, when time.Time) [2]uint32 {
	const file, directory, anyProcessor = 1, 2, 3
	kind, sum, size := uint8(file), checksum(e.text), uint32(len(e.text))
	if e.folder {
		kind, sum, size = directory, 0, 0
	}
	about := b.add(kind, uint8(1), uint16(anyProcessor), uint16(e.fullMode()), uint32(0), uint32(0), uint32(when.Unix()), size, uint8(1), sum, uint32(0))
	return [2]uint32{b.add(number, about), b.add(folder, []byte(path.Base(e.path)), uint8(0))}
}

// bomOf is the Bom of entries in the order of withFolders.
func bomOf(entries []entry, when time.Time) ([]byte, error) {
	if len(entries) > leaves {
		return nil, errors.New("there are more files than one page of a Bom holds")
	}
	b := &bom{blocks: [][]byte{nil}}
	b.named("BomInfo", b.add(uint32(1), uint32(len(entries)+1), uint32(1), [4]uint32{}))
	numbers := map[string]uint32{}
	var pairs [][2]uint32
	for i, e := range entries {
		number, folder := uint32(i+1), uint32(0)
		if e.path != "." {
			folder = numbers[path.Dir(e.path)]
		}
		numbers[e.path] = number
		pairs = append(pairs, b.path(e, number, folder, when))
	}
	b.named("Paths", b.tree(page, pairs...))
	b.named("HLIndex", b.tree(page)) // files with more names than one: none
	b.named("VIndex", b.add(uint32(1), b.tree(pageSmall), uint32(0), uint8(0)))
	b.named("Size64", b.tree(page)) // files of 4 GB and more: none
	return b.file(), nil
}

// file writes header, variables, blocks, and where each block lies.
func (b *bom) file() []byte {
	const header, unusedSpaces = 512, 2
	names := append(binary.BigEndian.AppendUint32(nil, b.count), b.names.Bytes()...)
	var body, index bytes.Buffer
	binary.Write(&index, binary.BigEndian, uint32(len(b.blocks)))
	for _, block := range b.blocks {
		place := [2]uint32{uint32(header + len(names) + body.Len()), uint32(len(block))}
		if block == nil {
			place = [2]uint32{}
		}
		binary.Write(&index, binary.BigEndian, place)
		body.Write(block)
	}
	binary.Write(&index, binary.BigEndian, [1 + 2*unusedSpaces]uint32{})
	var out bytes.Buffer
	out.WriteString("BOMStore")
	binary.Write(&out, binary.BigEndian, []uint32{1, uint32(len(b.blocks) - 1), uint32(header + len(names) + body.Len()), uint32(index.Len()), header, uint32(len(names))})
	out.Write(make([]byte, header-out.Len()))
	out.Write(names)
	out.Write(body.Bytes())
	out.Write(index.Bytes())
	return out.Bytes()
}

// checksum is that of cksum(1), which a Bom has: a CRC of the octets and then of
// their number.
func checksum(text []byte) uint32 {
	sum := uint32(0)
	for _, octet := range text {
		sum = sum<<8 ^ crc[byte(sum>>24)^octet]
	}
	for n := len(text); n > 0; n >>= 8 {
		sum = sum<<8 ^ crc[byte(sum>>24)^byte(n)]
	}
	return ^sum
}

// crc has what each octet adds, highest bit first; hash/crc32 has the other order
// alone.
var crc = func() (table [256]uint32) {
	const polynomial = 0x04c11db7
	for i := range table {
		sum := uint32(i) << 24
		for range 8 {
			high := sum >> 31
			sum = sum<<1 ^ high*polynomial
		}
		table[i] = sum
	}
	return table
}()
