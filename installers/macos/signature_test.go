package main

import (
	"bytes"
	"crypto/sha256"
	"debug/macho"
	"encoding/binary"
	"fmt"
	"testing"
)

// Kinds of load commands and of what is in a signature, as Apple's headers have them.
const (
	loadSignature = 0x1d
	loadVersion   = 0x32

	magicSignature = 0xfade0cc0
	magicDirectory = 0xfade0c02
	hashSHA256     = 2
)

// command is the text of the load command of that kind; nil: there is none.
func command(f *macho.File, kind uint32) []byte {
	for _, load := range f.Loads {
		if raw := load.Raw(); binary.LittleEndian.Uint32(raw) == kind {
			return raw
		}
	}
	return nil
}

// oldestOf is the oldest macOS that a program says it runs on.
func oldestOf(f *macho.File) string {
	raw := command(f, loadVersion)
	if raw == nil {
		return ""
	}
	least := binary.LittleEndian.Uint32(raw[12:])
	return fmt.Sprintf("%d.%d", least>>16, least>>8&0xff)
}

// verifies recomputes the sum of every page of a slice and holds it against its
// signature, as the kernel does when it loads a page.
func verifies(slice []byte) error {
	f, err := macho.NewFile(bytes.NewReader(slice))
	if err != nil {
		return err
	}
	raw := command(f, loadSignature)
	if raw == nil {
		return fmt.Errorf("it is not signed")
	}
	blob := slice[binary.LittleEndian.Uint32(raw[8:]):]
	if binary.BigEndian.Uint32(blob) != magicSignature {
		return fmt.Errorf("its signature is none")
	}
	directory := blob[binary.BigEndian.Uint32(blob[16:]):] // the first thing in it
	number := func(offset int) uint32 { return binary.BigEndian.Uint32(directory[offset:]) }
	if number(0) != magicDirectory || directory[36] != sha256.Size || directory[37] != hashSHA256 {
		return fmt.Errorf("it has no sums of SHA-256")
	}
	hashes, pages, limit, size := number(16), int(number(28)), int(number(32)), 1<<directory[39]
	if signed := int(binary.LittleEndian.Uint32(raw[8:])); limit != signed || pages != (limit+size-1)/size {
		return fmt.Errorf("%d pages up to %d are signed, and the signature is at %d", pages, limit, signed)
	}
	for i := range pages {
		sum := sha256.Sum256(slice[i*size : min((i+1)*size, limit)])
		if !bytes.Equal(sum[:], directory[int(hashes)+i*sha256.Size:][:sha256.Size]) {
			return fmt.Errorf("page %d is not as it was signed", i)
		}
	}
	return nil
}

// What is not signed is not taken for signed.
func TestVerifies(t *testing.T) {
	if err := verifies(slice(macho.CpuArm64, 100)); err == nil {
		t.Error("a program without a signature passes")
	}
}
