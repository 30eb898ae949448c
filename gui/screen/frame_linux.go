package screen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// Frame is what the screen shows, read where the X server itself keeps it: looking
// costs no program on the screen anything.
type Frame struct {
	pixels        []byte // four octets each: blue, green, red, none
	stride        int    // octets in a row
	width, height int
}

// Shared has the X server keep its pixels in memory that others can look at; it
// is an argument of Open.
const Shared = "-shmem"

// Frame attaches the pixels of a screen that was opened with Shared. The memory
// goes with the last program that has it, however that ends.
func (s *Screen) Frame() *Frame {
	s.t.Helper()
	var id int
	s.Until("the X server names its memory", func() bool {
		said, err := os.ReadFile(filepath.Join(s.dir, "Xvfb.err"))
		at := bytes.Index(said, []byte("shmid "))
		if err != nil || at < 0 {
			return false
		}
		_, err = fmt.Sscan(string(said[at+len("shmid "):]), &id)
		return err == nil
	})
	memory, err := unix.SysvShmAttach(id, 0, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { unix.SysvShmDetach(memory) })
	if _, err := unix.SysvShmCtl(id, unix.IPC_RMID, nil); err != nil {
		s.t.Fatal(err)
	}
	f, err := newFrame(memory)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// newFrame finds the pixels in an X window dump (XWDFile.h): a header of numbers,
// the table of colours, the pixels.
func newFrame(dump []byte) (*Frame, error) {
	const (
		headerSize, depth, line, colours = 0, 11, 12, 19 // which number
		width, height                    = 4, 5
		numbers, colour                  = 25, 12 // of a header; octets of a colour
	)
	if len(dump) < 4*numbers {
		return nil, fmt.Errorf("an X window dump of %d octets", len(dump))
	}
	number := func(i int) int { return int(binary.BigEndian.Uint32(dump[4*i:])) }
	f := &Frame{stride: number(line), width: number(width), height: number(height)}
	begin := number(headerSize) + colour*number(colours)
	if number(depth) != 32 || begin > len(dump) || f.stride*f.height > len(dump)-begin || 4*f.width > f.stride {
		return nil, fmt.Errorf("an X window dump of %dx%d with %d bits a pixel", f.width, f.height, number(depth))
	}
	f.pixels = dump[begin:][:f.stride*f.height]
	return f, nil
}

// row are the pixels of a row of an area.
func (f *Frame) row(area image.Rectangle, y int) []byte {
	return f.pixels[y*f.stride+4*area.Min.X : y*f.stride+4*area.Max.X]
}

// step is that only every so many rows are looked at: no text is as low.
const step = 4

// Look is a copy of an area, every few rows of it.
func (f *Frame) Look(area image.Rectangle) []byte {
	var look []byte
	for y := area.Min.Y; y < area.Max.Y; y += step {
		look = append(look, f.row(area, y)...)
	}
	return look
}

// Is says that an area looks as it did.
func (f *Frame) Is(area image.Rectangle, look []byte) bool {
	n := 4 * area.Dx()
	for y := area.Min.Y; y < area.Max.Y; y += step {
		if !bytes.Equal(f.row(area, y), look[:n]) {
			return false
		}
		look = look[n:]
	}
	return true
}

// Differs is the part of an area's pixels, from 0 to 1, that look different.
func (f *Frame) Differs(area image.Rectangle, look []byte) float64 {
	n := 0
	f.each(area, look, func(image.Point) { n++ })
	return float64(4*n) / float64(len(look))
}

// Changed is the smallest rectangle in an area with all that looks different.
func (f *Frame) Changed(area image.Rectangle, look []byte) (changed image.Rectangle) {
	f.each(area, look, func(at image.Point) {
		changed = changed.Union(image.Rectangle{at, at.Add(image.Pt(1, step))})
	})
	return changed.Intersect(area)
}

// each calls do with every pixel that looks different.
func (f *Frame) each(area image.Rectangle, look []byte, do func(at image.Point)) {
	for y := area.Min.Y; y < area.Max.Y; y += step {
		row := f.row(area, y)
		for i := 0; i < len(row); i += 4 {
			if !bytes.Equal(row[i:i+4], look[i:i+4]) {
				do(image.Pt(area.Min.X+i/4, y))
			}
		}
		look = look[len(row):]
	}
}

// Mark turns the lowest bit of every pixel of an area over, which nobody sees.
// Whoever paints there takes it away: Painted counts these pixels.
func (f *Frame) Mark(area image.Rectangle) (marked []byte) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := f.row(area, y)
		for i := 0; i < len(row); i += 4 {
			row[i] ^= 1
		}
		marked = append(marked, row...)
	}
	return marked
}

// Painted is how many pixels of an area were painted since it was marked.
func (f *Frame) Painted(area image.Rectangle, marked []byte) (n int) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for pixel := range slices.Chunk(f.row(area, y), 4) {
			if !bytes.Equal(pixel, marked[:4]) {
				n++
			}
			marked = marked[4:]
		}
	}
	return n
}
