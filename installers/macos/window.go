package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"

	"muvpn/assets"
)

// window writes what the window's folder (.app) has besides the program.
func (o *order) window() error {
	picture, err := icon()
	if err := o.Write("app/muvpn.icns", picture, err); err != nil {
		return err
	}
	form, err := os.ReadFile(filepath.Join(o.Root, "installers/macos/app/Info.plist"))
	return o.Write("app/Info.plist", o.filled(string(form), nil), err)
}

// pictures are the sizes of an icon, by the names that macOS has for them: each for
// plain screens and, at twice the pixels, for fine ones.
var pictures = []struct {
	name  string
	width int
}{
	{"icp4", 16}, {"ic11", 32}, {"icp5", 32}, {"ic12", 64}, {"ic07", 128}, {"ic13", 256}, {"ic08", 256}, {"ic14", 512}, {"ic09", 512}, {"ic10", 1024},
}

// icon is the program's icon as macOS keeps it (icns): a PNG for each size.
func icon() ([]byte, error) {
	var b bytes.Buffer
	of := map[int][]byte{} // by width
	for _, p := range pictures {
		if of[p.width] == nil {
			var err error
			if of[p.width], err = drawn(p.width); err != nil {
				return nil, err
			}
		}
		b.Write(chunk(p.name, of[p.width]))
	}
	return chunk("icns", b.Bytes()), nil
}

// chunk is a piece with a name of four letters; its length counts itself.
func chunk(name string, text []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte(name), uint32(8+len(text))), text...)
}

// drawn is the icon at a width, as PNG. Around it is the room that icons leave on
// macOS: a tenth of the width on each side.
func drawn(width int) ([]byte, error) {
	svg, err := oksvg.ReadIconStream(bytes.NewReader(assets.AppIcon()))
	if err != nil {
		return nil, err
	}
	room := float64(width) / 10
	svg.SetTarget(room, room, float64(width)-2*room, float64(width)-2*room)
	picture := image.NewRGBA(image.Rect(0, 0, width, width))
	svg.Draw(rasterx.NewDasher(width, width, rasterx.NewScannerGV(width, width, picture, picture.Bounds())), 1)
	var b bytes.Buffer
	err = png.Encode(&b, picture)
	return b.Bytes(), err
}
