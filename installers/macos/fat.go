package main

import (
	"bytes"
	"debug/macho"
	"encoding/binary"
	"fmt"
)

// alignment of a slice within a universal program, as a power of two: the pages of
// the processor with the larger ones, so that both can be mapped as they lie.
const alignment = 14

// universal joins programs for different processors into one file (a "fat" Mach-O):
// a table, and each of them as it is. The system takes the slice that is its own.
func universal(slices [][]byte) ([]byte, error) {
	header := [2]uint32{macho.MagicFat, uint32(len(slices))}
	table := make([]macho.FatArchHeader, len(slices))
	offset := aligned(binary.Size(header) + binary.Size(table))
	for i, slice := range slices {
		f, err := macho.NewFile(bytes.NewReader(slice))
		if err != nil {
			return nil, fmt.Errorf("slice %d: %w", i, err)
		}
		table[i] = macho.FatArchHeader{Cpu: f.Cpu, SubCpu: f.SubCpu, Offset: uint32(offset), Size: uint32(len(slice)), Align: alignment}
		offset = aligned(offset + len(slice))
	}
	var b bytes.Buffer
	binary.Write(&b, binary.BigEndian, header) // a Buffer takes everything
	binary.Write(&b, binary.BigEndian, table)
	for i, slice := range slices {
		b.Write(make([]byte, int(table[i].Offset)-b.Len()))
		b.Write(slice)
	}
	return b.Bytes(), nil
}

// aligned is the next place for a slice.
func aligned(offset int) int {
	const unit = 1 << alignment
	return (offset + unit - 1) / unit * unit
}
