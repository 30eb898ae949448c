package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Entry is an entry of the menu. The menu hangs on a button in the foot of the
// list of profiles: a bar of menus would look foreign on some systems, and have
// little in it on all of them.
type Entry struct {
	Label   string
	Act     Act
	Key     fyne.KeyName // with Ctrl, on macOS Command; empty: none
	Off     bool         // cannot be chosen now
	Divided bool         // a line is above it
}

// Act is what an entry of the menu does.
type Act string

// The acts.
const (
	ShowLog       Act = "log"
	ShowSettings  Act = "settings"
	SendLog       Act = "send-log"
	RunDiagnosis  Act = "diagnose"
	ShowProfile   Act = "show-profile"
	RemoveProfile Act = "remove-profile"
	ShowAbout     Act = "about"
)

// menu is what can be done beside connecting.
func menu(s Seen, w Words) []Entry {
	none, away := len(s.Profiles) == 0, s.Absent != nil
	return []Entry{
		{Label: w("Log"), Act: ShowLog, Key: fyne.KeyL},
		{Label: w("Send log to support…"), Act: SendLog, Key: fyne.KeyE, Off: away},
		{Label: w("Diagnose…"), Act: RunDiagnosis, Key: fyne.KeyD, Off: none && !away},
		{Label: w("Show profile"), Act: ShowProfile, Key: fyne.KeyI, Off: none || away, Divided: true},
		{Label: w("Remove profile…"), Act: RemoveProfile, Off: none || away},
		{Label: w("Settings"), Act: ShowSettings, Key: fyne.KeyComma, Divided: true},
		{Label: w("About"), Act: ShowAbout},
	}
}

// act carries out an entry of the menu.
func (w *Window) act(a Act) {
	switch a {
	case ShowLog:
		w.openLog()
	case SendLog:
		w.sendLog(w.window)
	case RunDiagnosis:
		w.diagnose()
	case ShowProfile:
		w.showProfile()
	case RemoveProfile:
		w.removeProfile()
	case ShowSettings:
		w.openSettings()
	case ShowAbout:
		w.about()
	}
}

// newMenuButton is the button on which the menu hangs.
func newMenuButton(w *Window) *keyButton {
	var b *keyButton
	b = newKeyButton(&keys{}, "", func() { w.openMenu(b) })
	b.Icon = theme.MenuIcon()
	return b
}

// openMenu opens the menu above its button. Arrows, Enter and Escape work in it.
func (w *Window) openMenu(b fyne.CanvasObject) {
	m := fyne.NewMenu("")
	for _, e := range menu(w.seen, w.words) {
		if e.Divided {
			m.Items = append(m.Items, fyne.NewMenuItemSeparator())
		}
		item := fyne.NewMenuItem(e.Label, func() { w.act(e.Act) })
		item.Disabled = e.Off
		if e.Key != "" {
			item.Shortcut = withCtrl(e.Key)
		}
		m.Items = append(m.Items, item)
	}
	p := widget.NewPopUpMenu(m, w.window.Canvas())
	p.ShowAtRelativePosition(fyne.NewPos(0, -p.MinSize().Height), b)
}

// shortcuts are the keys of the menu, wherever the focus is.
func (w *Window) shortcuts() {
	for _, e := range menu(Seen{}, w.words) {
		if e.Key != "" {
			w.hot.add(withCtrl(e.Key), func() { w.byKey(e.Act) })
		}
	}
}

// byKey carries out an entry unless it is off now, or something is open over the
// window.
func (w *Window) byKey(a Act) {
	if w.window.Canvas().Overlays().Top() != nil {
		return
	}
	for _, e := range menu(w.seen, w.words) {
		if e.Act == a && !e.Off {
			w.act(a)
		}
	}
}
