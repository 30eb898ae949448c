package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// profileList is the list at the left, with the buttons of the menu and
// of importing below it.
type profileList struct {
	w    *Window
	root *fyne.Container
	list *widget.List
	rows []Row
}

// listWidth is that of the list of profiles.
const listWidth = 220

func newProfileList(w *Window) *profileList {
	l := &profileList{w: w}
	l.list = widget.NewList(func() int { return len(l.rows) }, newRow, l.fill)
	l.list.OnSelected = func(i widget.ListItemID) {
		if i < len(l.rows) && !l.rows[i].Chosen {
			w.choose(l.rows[i].UUID)
		}
	}
	add := newKeyButton(&keys{}, w.words("Import…"), w.chooseFile)
	add.Icon = theme.ContentAddIcon()
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(listWidth, 0))
	foot := container.NewBorder(nil, nil, newMenuButton(w), nil, add)
	l.root = container.NewBorder(nil, foot, nil, nil, room, l.list)
	return l
}

// paint shows rows, if they differ.
func (l *profileList) paint(rows []Row) {
	if sameRows(l.rows, rows) {
		return
	}
	l.rows = rows
	l.list.Refresh()
	for i, r := range rows {
		if r.Chosen {
			l.list.Select(i)
		}
	}
}

func sameRows(a, b []Row) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// newRow is a row before it is filled: an icon and two lines.
func newRow() fyne.CanvasObject {
	name, below := widget.NewLabel(""), widget.NewLabel("")
	name.TextStyle.Bold = true
	name.Truncation, below.Truncation = fyne.TextTruncateEllipsis, fyne.TextTruncateEllipsis
	below.Importance = widget.LowImportance
	icon := canvas.NewImageFromResource(toneIcon(Quiet))
	icon.FillMode = canvas.ImageFillContain
	return container.NewBorder(nil, nil, container.New(inline{}, icon), nil, container.New(tight{}, name, below))
}

func (l *profileList) fill(i widget.ListItemID, o fyne.CanvasObject) {
	if i >= len(l.rows) {
		return
	}
	row, parts := l.rows[i], o.(*fyne.Container).Objects
	lines := parts[0].(*fyne.Container).Objects
	setText(lines[0].(*widget.Label), row.Name)
	setText(lines[1].(*widget.Label), row.Below)
	if icon := parts[1].(*fyne.Container).Objects[0].(*canvas.Image); icon.Resource != toneIcon(row.Tone) {
		icon.Resource = toneIcon(row.Tone)
		icon.Refresh()
	}
}

// tight puts two lines closer to each other than two paragraphs.
type tight struct{}

func (tight) overlap() float32 { return 3 * theme.Padding() }

// Layout implements fyne.Layout.
func (t tight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		y += o.MinSize().Height - t.overlap()
	}
}

// MinSize implements fyne.Layout.
func (t tight) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		m := o.MinSize()
		size.Width, size.Height = max(size.Width, m.Width), size.Height+m.Height-t.overlap()
	}
	size.Height += t.overlap()
	return size
}
