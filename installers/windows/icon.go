package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"

	"muvpn/assets"
)

// iconSizes are the widths in pixels that Windows asks for, between a list and a
// large desktop.
var iconSizes = []int{16, 20, 24, 32, 40, 48, 64, 256}

// icon is the program's icon as Windows keeps it (ICO), with a PNG for each size.
func icon() ([]byte, error) {
	type entry struct {
		Width, Height, Colours, Reserved uint8
		Planes, Bits                     uint16
		Length, Offset                   uint32
	}
	var head, pictures bytes.Buffer
	binary.Write(&head, binary.LittleEndian, [3]uint16{0, 1, uint16(len(iconSizes))}) // 1: an icon
	offset := 6 + 16*len(iconSizes)
	for _, size := range iconSizes {
		picture, err := drawn(size)
		if err != nil {
			return nil, err
		}
		width := uint8(size % 256) // 256 is written as 0
		binary.Write(&head, binary.LittleEndian, entry{Width: width, Height: width, Planes: 1, Bits: 32,
			Length: uint32(len(picture)), Offset: uint32(offset + pictures.Len())})
		pictures.Write(picture)
	}
	return append(head.Bytes(), pictures.Bytes()...), nil
}

// drawn is the icon at a size, as PNG.
func drawn(size int) ([]byte, error) {
	svg, err := oksvg.ReadIconStream(bytes.NewReader(assets.AppIcon()))
	if err != nil {
		return nil, err
	}
	svg.SetTarget(0, 0, float64(size), float64(size))
	picture := image.NewRGBA(image.Rect(0, 0, size, size))
	svg.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, picture, picture.Bounds())), 1)
	var b bytes.Buffer
	err = png.Encode(&b, picture)
	return b.Bytes(), err
}
