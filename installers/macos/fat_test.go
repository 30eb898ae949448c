package main

import (
	"bytes"
	"debug/macho"
	"encoding/binary"
	"testing"
)

// slice is a program of nothing but a header and some octets.
func slice(cpu macho.Cpu, length int) []byte {
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, macho.FileHeader{Magic: macho.Magic64, Cpu: cpu, SubCpu: 3, Type: macho.TypeExec})
	b.Write(bytes.Repeat([]byte{byte(cpu)}, length))
	return b.Bytes()
}

// What is joined comes apart again as it was, each slice at the start of a page.
func TestUniversal(t *testing.T) {
	slices := [][]byte{slice(macho.CpuAmd64, 70_000), slice(macho.CpuArm64, 5)}
	fat, err := universal(slices)
	if err != nil {
		t.Fatal(err)
	}
	f, err := macho.NewFatFile(bytes.NewReader(fat))
	if err != nil || len(f.Arches) != 2 {
		t.Fatalf("%+v, %v", f, err)
	}
	for i, cpu := range []macho.Cpu{macho.CpuAmd64, macho.CpuArm64} {
		a := f.Arches[i].FatArchHeader
		if a.Cpu != cpu || a.SubCpu != 3 || a.Offset%(1<<14) != 0 || !bytes.Equal(fat[a.Offset:a.Offset+a.Size], slices[i]) {
			t.Errorf("%+v", a)
		}
	}
	if _, err := universal([][]byte{[]byte("\x7fELF and no Mach-O")}); err == nil {
		t.Error("a program of Linux is taken")
	}
}
