package gui

import (
	"testing"

	"fyne.io/fyne/v2/theme"

	"muvpn/client"
)

// The desktop turns dark in the evening, and its texts are made larger: the open
// window follows.
func TestTheWindowFollowsTheDesktop(t *testing.T) {
	a := alone(t)
	d := atDesk(t, a, nil)
	d.see(func(s *Seen) {
		*s = Seen{Asked: true, Status: connected(), Profiles: []client.Profile{office}, Now: noon}
	})
	sign, word := small(toneIcon(Good)), d.pane.word.MinSize()
	width := sign.MinSize().Width
	a.Settings().SetTheme(goFonts{NewTheme("dark", 2)})

	if got, want := d.pane.word.text.Color, theme.Color(theme.ColorNameForeground); got != want {
		t.Errorf("the state's word has the colour %v, want %v", got, want)
	}
	if got := d.pane.word.MinSize(); got.Height < 1.9*word.Height {
		t.Errorf("the state's word has the size %v, and had %v", got, word)
	}
	if got := sign.MinSize().Width; got <= width {
		t.Errorf("a sign is %v wide, and was %v", got, width)
	}
}
