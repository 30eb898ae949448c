package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Theme is Fyne's own, with the system's text size, and light or dark when the
// user wants one of them always.
type Theme struct {
	fyne.Theme
	Scale   float32 // of texts; 0: as they are
	Variant string  // light or dark; anything else: as the system
}

// NewTheme is the theme for a setting of package client (SetTheme) and the
// system's text size.
func NewTheme(variant string, scale float32) *Theme {
	return &Theme{Theme: theme.DefaultTheme(), Scale: scale, Variant: variant}
}

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch t.Variant {
	case "light":
		v = theme.VariantLight
	case "dark":
		v = theme.VariantDark
	}
	if name == theme.ColorNameDisabled {
		return subdued[v]
	}
	return t.Theme.Color(name, v)
}

// subdued is the colour of what matters less. Fyne's own is too pale to be read:
// these have a contrast of at least 4.5 to 1.
var subdued = map[fyne.ThemeVariant]color.Color{
	theme.VariantLight: color.NRGBA{0x5f, 0x63, 0x68, 0xff},
	theme.VariantDark:  color.NRGBA{0xa8, 0xad, 0xb4, 0xff},
}

// Size implements fyne.Theme.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	size := t.Theme.Size(name)
	switch name {
	case theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText, theme.SizeNameInlineIcon:
		if t.Scale > 0 {
			size *= t.Scale
		}
	}
	return size
}

// boxTheme is the theme of the app with boxes to tick that are seen: Fyne's own
// are as pale as its entries.
type boxTheme struct{}

// Color implements fyne.Theme.
func (boxTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameInputBorder {
		name = theme.ColorNameDisabled
	}
	return fyne.CurrentApp().Settings().Theme().Color(name, v)
}

// Font implements fyne.Theme.
func (boxTheme) Font(s fyne.TextStyle) fyne.Resource {
	return fyne.CurrentApp().Settings().Theme().Font(s)
}

// Icon implements fyne.Theme.
func (boxTheme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return fyne.CurrentApp().Settings().Theme().Icon(name)
}

// Size implements fyne.Theme.
func (boxTheme) Size(name fyne.ThemeSizeName) float32 {
	return fyne.CurrentApp().Settings().Theme().Size(name)
}
