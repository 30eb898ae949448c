package main

import (
	"image/png"
	"os"

	"muvpn/client"
	"muvpn/gui/tray"
)

// signs are the icons of the states, by their shapes, and those of the strengths
// in the same colours.
func signs() map[string]tray.Sign {
	all := map[string]tray.Sign{}
	for _, state := range []client.State{client.Disconnected, client.Contacting, client.Connected, client.Reconnecting, client.Failed} {
		sign := tray.Look(tray.Seen{Status: client.Status{State: state}})
		all[sign.Shape] = sign
	}
	for shape, like := range map[string]string{"shield": "tick", "shield-half": "triangle", "shield-broken": "cross"} {
		all[shape] = tray.Sign{Shape: shape, Colour: all[like].Colour}
	}
	return all
}

// draw writes an icon.
func draw(sign tray.Sign, file string) error {
	icon, err := tray.Draw(sign)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, icon); err != nil {
		return err
	}
	return f.Close()
}
