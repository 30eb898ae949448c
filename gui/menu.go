package gui

import (
	"strings"

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
	CopyDetails   Act = "copy"
	ShowProfile   Act = "show-profile"
	RemoveProfile Act = "remove-profile"
	ShowAbout     Act = "about"
)

// shortcut is the key of an entry. Fyne has names of its own for some.
func (e Entry) shortcut() fyne.Shortcut {
	if e.Key == fyne.KeyC {
		return &fyne.ShortcutCopy{}
	}
	return withCtrl(e.Key)
}

// menu is what can be done beside connecting.
func menu(s Seen, w Words) []Entry {
	none, away := len(s.Profiles) == 0, s.Absent != nil
	return []Entry{
		{Label: w("Log"), Act: ShowLog, Key: fyne.KeyL},
		{Label: w("Send log to support…"), Act: SendLog, Key: fyne.KeyE, Off: away},
		{Label: w("Diagnose…"), Act: RunDiagnosis, Key: fyne.KeyD, Off: none && !away},
		{Label: w("Copy details"), Act: CopyDetails, Key: fyne.KeyC},
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
	case CopyDetails:
		w.app.Clipboard().SetContent(details(w.view))
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
			item.Shortcut = e.shortcut()
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
			w.hot.add(e.shortcut(), func() { w.byKey(e.Act) })
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

// details are what the window shows as text, for a message or a telephone.
func details(v View) string {
	lines := []string{v.Word, v.Sentence}
	for _, n := range v.Notices {
		lines = append(lines, n.Text)
	}
	if f := v.Failure; f != nil {
		lines = append(lines, "", strings.TrimSpace(f.Code+" "+f.What), f.Side, f.Seen, f.Expected)
	}
	if v.Strength != nil {
		lines = append(lines, v.Strength.Word+": "+v.Strength.Sentence)
	}
	for _, f := range v.Facts {
		lines = append(lines, f.Name+": "+f.Value)
	}
	return strings.Join(lines, "\n") + "\n"
}
