package gui

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// settingGroup shows settings, one below the other.
type settingGroup struct {
	box    *fyne.Container
	note   string // stands above them; empty: nothing needs to be said
	window *settingsWindow
	set    func(key, value string)
	rows   []SettingRow
	shown  []*settingRow
}

// settingRow is a setting in the window.
type settingRow struct {
	row     SettingRow
	check   *keyCheck // one of these two
	choice  *keySelect
	refusal *fyne.Container
}

func newSettingGroup(s *settingsWindow, note string, set func(key, value string)) *settingGroup {
	return &settingGroup{box: container.NewVBox(), note: note, window: s, set: set}
}

// say shows a sentence in the place of settings.
func (g *settingGroup) say(text string) {
	g.rows, g.shown = nil, nil
	g.box.Objects = []fyne.CanvasObject{wrapped(text)}
	g.window.layOut()
}

// paint shows rows. While they are the same settings, offered as before, only
// their values are set, so that the focus stays where it is.
func (g *settingGroup) paint(rows []SettingRow) {
	if !sameSettings(g.rows, rows) {
		g.build(rows)
	}
	g.rows = rows
	for i, r := range rows {
		g.shown[i].row = r
		g.shown[i].value(r.Value)
		g.shown[i].refuse("")
	}
	g.window.layOut()
}

// refuse says beside a setting why it was not changed, and shows what it still is.
func (g *settingGroup) refuse(key, why string) {
	for _, s := range g.shown {
		if s.row.Key == key {
			s.value(s.row.Value)
			s.refuse(why)
		}
	}
	g.window.layOut()
}

func sameSettings(a, b []SettingRow) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		x.Value, y.Value = "", ""
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

func (g *settingGroup) build(rows []SettingRow) {
	g.shown, g.box.Objects = nil, nil
	if g.note != "" {
		g.box.Add(faint(g.note))
	}
	for _, r := range rows {
		s := &settingRow{row: r, refusal: container.NewStack()}
		g.shown = append(g.shown, s)
		meaning := faint(r.Meaning)
		meaning.Wrapping = fyne.TextWrapWord
		if control := s.control(g); s.check != nil {
			g.box.Add(container.New(tight{}, control, meaning))
		} else {
			g.box.Add(container.New(layout.NewCustomPaddedVBoxLayout(0), control, meaning))
		}
		if r.Why != "" {
			g.box.Add(container.NewBorder(nil, nil, small(toneIcon(Quiet)), nil, wrapped(r.Why)))
		}
		g.box.Add(s.refusal)
	}
}

// control is what changes the setting.
func (s *settingRow) control(g *settingGroup) fyne.CanvasObject {
	if s.row.On != "" {
		s.check = newKeyCheck(&g.window.keys, s.row.Title, func(on bool) { g.change(s, map[bool]string{true: s.row.On, false: s.row.Off}[on]) })
		if s.row.Why != "" {
			s.check.Disable()
		}
		return s.check
	}
	var labels []string
	for _, o := range s.row.Options {
		labels = append(labels, o.Label)
	}
	s.choice = newKeySelect(&g.window.keys, labels, nil)
	s.choice.OnChanged = func(string) { g.change(s, s.row.Options[s.choice.SelectedIndex()].Value) }
	if s.row.Why != "" {
		s.choice.Disable()
	}
	return container.NewBorder(nil, nil, widget.NewLabel(s.row.Title), nil, s.choice)
}

// change asks for a value that is not the one there is.
func (g *settingGroup) change(s *settingRow, value string) {
	if value != s.row.Value {
		g.set(s.row.Key, value)
	}
}

// value shows a value.
func (s *settingRow) value(value string) {
	if s.check != nil {
		s.check.SetChecked(value == s.row.On)
		return
	}
	for i, o := range s.row.Options {
		if o.Value == value && s.choice.SelectedIndex() != i {
			s.choice.SetSelectedIndex(i)
		}
	}
}

// refuse says why the setting was not changed; empty: it was.
func (s *settingRow) refuse(why string) {
	s.refusal.Objects = nil
	if why != "" {
		s.refusal.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil, small(toneIcon(Bad)), nil, wrapped(why))}
	}
	s.refusal.Refresh()
}
