package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/bmp"

	"muvpn/assets"
)

const (
	iconFile    = "muvpn.ico"
	pictureFile = "setup.bmp"
)

// shieldColour is that of the program's icon.
var shieldColour = color.RGBA{0x2f, 0x6f, 0xd0, 0xff}

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
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	if err := shield(picture, 0, 0, size, assets.AppIcon()); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	return b.Bytes(), err
}

// shield draws the drawing into a square of a picture.
func shield(picture draw.Image, x, y, size int, drawing []byte) error {
	svg, err := oksvg.ReadIconStream(bytes.NewReader(drawing))
	if err != nil {
		return err
	}
	svg.SetTarget(0, 0, float64(size), float64(size))
	drawn := image.NewRGBA(image.Rect(0, 0, size, size))
	svg.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, drawn, drawn.Bounds())), 1)
	draw.Draw(picture, drawn.Bounds().Add(image.Pt(x, y)), drawn, image.Point{}, draw.Over)
	return nil
}

// picture is the one beside the first and the last words of setup.exe: the shield
// in white, on its own colour, as big as NSIS wants it.
func picture() ([]byte, error) {
	const width, height, size = 164, 314, 96
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(p, p.Bounds(), image.NewUniform(shieldColour), image.Point{}, draw.Src)
	white := bytes.ReplaceAll(assets.Icon("shield"), []byte("#000000"), []byte("#ffffff"))
	if err := shield(p, (width-size)/2, 48, size, white); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err := bmp.Encode(&b, p)
	return b.Bytes(), err
}

// draws writes both into the folder of work.
func (o *order) draws() error {
	for name, draws := range map[string]func() ([]byte, error){iconFile: icon, pictureFile: picture} {
		text, err := draws()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(o.Work, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
