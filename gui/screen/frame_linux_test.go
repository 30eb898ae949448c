package screen

import (
	"encoding/binary"
	"image"
	"testing"
)

// dump is a window dump as Xvfb keeps it, with a name and a table of two colours.
func dump(width, height int) []byte {
	const header, colours = 100 + 12, 2
	d := make([]byte, header+12*colours+4*width*height)
	for i, number := range map[int]int{0: header, 4: width, 5: height, 11: 32, 12: 4 * width, 19: colours} {
		binary.BigEndian.PutUint32(d[4*i:], uint32(number))
	}
	return d
}

func TestFrameSeesWhatIsPainted(t *testing.T) {
	memory := dump(40, 24)
	f, err := newFrame(memory)
	if err != nil {
		t.Fatal(err)
	}
	pixel := func(x, y int) *byte { return &memory[112+24+4*(40*y+x)] }
	all, window := image.Rect(0, 0, 40, 24), image.Rect(10, 4, 30, 20)
	blank := f.Look(all)
	for y := window.Min.Y; y < window.Max.Y; y++ {
		for x := window.Min.X; x < window.Max.X; x++ {
			*pixel(x, y) = 0x17
		}
	}
	if f.Is(all, blank) || f.Changed(all, blank) != window || f.Differs(all, blank) != float64(20*16)/(40*24) {
		t.Errorf("changed is %v, %v of all", f.Changed(all, blank), f.Differs(all, blank))
	}
	marked := f.Mark(window)
	if n := f.Painted(window, marked); n != 0 {
		t.Errorf("%d pixels painted by nobody", n)
	}
	*pixel(12, 7), *pixel(29, 19) = 0x17, 0x17 // as they were
	*pixel(9, 7) = 0x17                        // outside
	if n := f.Painted(window, marked); n != 2 {
		t.Errorf("%d pixels painted, not 2", n)
	}
}

func TestFrameRefusesWhatItCannotRead(t *testing.T) {
	short, shallow := dump(40, 24), dump(40, 24)
	binary.BigEndian.PutUint32(shallow[4*11:], 8)
	for _, d := range [][]byte{nil, short[:len(short)-1], shallow} {
		if _, err := newFrame(d); err == nil {
			t.Errorf("%d octets are a dump", len(d))
		}
	}
}
