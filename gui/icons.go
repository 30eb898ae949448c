package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"muvpn/assets"
)

// Each tone, mark and strength has a shape of its own, so that nobody needs its
// colour; the theme colours it.
var (
	toneIcons = map[Tone]fyne.Resource{
		Quiet: shape("ring", theme.ColorNameDisabled), Busy: shape("dots", theme.ColorNamePrimary),
		Good: shape("tick", theme.ColorNameSuccess), Warn: shape("triangle", theme.ColorNameWarning),
		Bad: shape("cross", theme.ColorNameError),
	}
	markIcons = map[Mark]fyne.Resource{
		Done: toneIcons[Good], Broke: toneIcons[Bad], Doing: toneIcons[Busy], Coming: toneIcons[Quiet],
	}
	strengthIcons = map[Tone]fyne.Resource{
		Good: shape("shield", theme.ColorNameSuccess), Warn: shape("shield-half", theme.ColorNameWarning),
		Bad: shape("shield-broken", theme.ColorNameError),
	}
)

// shape is an icon of assets in a colour of the theme.
func shape(name string, colour fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(fyne.NewStaticResource(name+".svg", assets.Icon(name)), colour)
}

func toneIcon(t Tone) fyne.Resource     { return toneIcons[t] }
func markIcon(m Mark) fyne.Resource     { return markIcons[m] }
func strengthIcon(t Tone) fyne.Resource { return strengthIcons[t] }
