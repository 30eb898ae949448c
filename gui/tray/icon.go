package tray

import (
	"bytes"
	"image"
	"image/color"
	"image/png"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"

	"muvpn/assets"
	"muvpn/client"
)

// Sign is a state at a glance: a shape of assets/icons in a colour.
type Sign struct {
	Shape  string
	Colour color.NRGBA
}

// The signs have the shapes of the window. Their colours can be told from a white
// panel and from a black one: their contrast to both is at least 3 to 1.
var (
	quiet   = Sign{"ring", color.NRGBA{0x80, 0x80, 0x80, 0xff}}
	busy    = Sign{"dots", color.NRGBA{0x2f, 0x80, 0xed, 0xff}}
	good    = Sign{"tick", color.NRGBA{0x2a, 0x93, 0x4c, 0xff}}
	warning = Sign{"triangle", color.NRGBA{0xd0, 0x6a, 0x00, 0xff}}
	bad     = Sign{"cross", color.NRGBA{0xe0, 0x45, 0x40, 0xff}}
)

// Look is the sign for what is seen.
func Look(s Seen) Sign {
	if s.Absent != nil {
		return bad
	}
	switch s.Status.State {
	case client.Resolving, client.Contacting, client.Authenticating, client.Configuring, client.Disconnecting:
		if s.Status.Prompt != nil {
			return warning
		}
		return busy
	case client.Connected:
		return good
	case client.Reconnecting:
		return warning
	case client.Failed:
		return bad
	}
	switch s.Status.KillSwitch {
	case client.KillSwitchBlocking:
		return warning
	case client.KillSwitchUnset:
		return bad
	}
	return quiet
}

// iconSize is the width of an icon in pixels: panels make it smaller.
const iconSize = 64

// Draw draws a sign.
func Draw(s Sign) (*image.NRGBA, error) {
	svg, err := oksvg.ReadIconStream(bytes.NewReader(assets.Icon(s.Shape)))
	if err != nil {
		return nil, err
	}
	svg.SetTarget(0, 0, iconSize, iconSize)
	shape := image.NewRGBA(image.Rect(0, 0, iconSize, iconSize))
	svg.Draw(rasterx.NewDasher(iconSize, iconSize, rasterx.NewScannerGV(iconSize, iconSize, shape, shape.Bounds())), 1)
	icon := image.NewNRGBA(shape.Bounds())
	for i := 3; i < len(shape.Pix); i += 4 {
		icon.Pix[i-3], icon.Pix[i-2], icon.Pix[i-1], icon.Pix[i] = s.Colour.R, s.Colour.G, s.Colour.B, shape.Pix[i]
	}
	return icon, nil
}

// picture is a sign as PNG.
func picture(s Sign) ([]byte, error) {
	icon, err := Draw(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, icon)
	return b.Bytes(), err
}
