package gui

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// lineList shows lines of text, only as many widgets as there is room for. Lines
// are picked by mouse or keyboard, as in any list of files.
type lineList struct {
	widget.List
	canvas fyne.Canvas
	app    fyne.App
	keys   *keys
	lines  []logLine
	picks  picks
	shift  bool   // is held down
	picked func() // is told when other lines are picked
}

func newLineList(a fyne.App, c fyne.Canvas, k *keys, picked func()) *lineList {
	l := &lineList{app: a, canvas: c, keys: k, picked: picked}
	l.HideSeparators = true
	l.Length = func() int { return len(l.lines) }
	l.CreateItem = func() fyne.CanvasObject { return newLineRow(l) }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		if i < len(l.lines) {
			o.(*lineRow).show(l.lines[i], l.picks.set[l.lines[i].No])
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

// paint shows other lines, and with end their end.
func (l *lineList) paint(lines []logLine, end bool) {
	l.lines = lines
	l.Refresh()
	if end && len(lines) > 0 {
		l.ScrollTo(len(lines) - 1)
	}
}

// atEnd says that the last line is in sight.
func (l *lineList) atEnd() bool {
	return l.GetScrollOffset()+l.Size().Height >= rowHeight()*float32(len(l.lines)-1)
}

// pick is a click on a line.
func (l *lineList) pick(no uint64, held fyne.KeyModifier) {
	switch {
	case held&fyne.KeyModifierShift != 0:
		l.picks.through(l.lines, no)
	case held&fyne.KeyModifierShortcutDefault != 0:
		l.picks.toggle(no)
	default:
		l.picks.one(no)
	}
	l.canvas.Focus(l)
	l.told()
}

func (l *lineList) told() {
	l.Refresh()
	l.picked()
}

// chosen are the picked lines, or all that are shown.
func (l *lineList) chosen() []logLine {
	if some := l.picks.of(l.lines); len(some) > 0 {
		return some
	}
	return l.lines
}

// read is the line that is to be read whole; false: none.
func (l *lineList) read() (logLine, bool) {
	if i, found := slices.BinarySearchFunc(l.lines, l.picks.cursor, byNo); found {
		return l.lines[i], true
	}
	return logLine{}, false
}

// copy puts the chosen lines on the clipboard.
func (l *lineList) copy() { l.app.Clipboard().SetContent(joinLines(l.chosen())) }

func (l *lineList) pickAll() {
	l.picks.all(l.lines)
	l.told()
}

// FocusGained implements fyne.Focusable. Without a line picked the keyboard
// would begin nowhere.
func (l *lineList) FocusGained() {
	if l.picks.cursor == 0 && len(l.lines) > 0 {
		l.move(0)
	}
}

// FocusLost implements fyne.Focusable.
func (l *lineList) FocusLost() { l.shift = false }

// KeyDown implements desktop.Keyable.
func (l *lineList) KeyDown(ev *fyne.KeyEvent) { l.shift = l.shift || isShift(ev) }

// KeyUp implements desktop.Keyable.
func (l *lineList) KeyUp(ev *fyne.KeyEvent) { l.shift = l.shift && !isShift(ev) }

func isShift(ev *fyne.KeyEvent) bool {
	return ev.Name == desktop.KeyShiftLeft || ev.Name == desktop.KeyShiftRight
}

// TypedKey implements fyne.Focusable.
func (l *lineList) TypedKey(ev *fyne.KeyEvent) {
	page := max(1, int(l.Size().Height/rowHeight())-1)
	switch ev.Name {
	case fyne.KeyUp:
		l.move(-1)
	case fyne.KeyDown:
		l.move(1)
	case fyne.KeyPageUp:
		l.move(-page)
	case fyne.KeyPageDown:
		l.move(page)
	case fyne.KeyHome:
		l.move(-len(l.lines))
	case fyne.KeyEnd:
		l.move(len(l.lines))
	default:
		l.keys.typed(ev)
	}
}

func (l *lineList) move(by int) {
	if i := l.picks.move(l.lines, by, l.shift); i >= 0 {
		l.ScrollTo(i)
		l.told()
	}
}

// TypedShortcut implements fyne.Shortcutable: copy and select all are the
// list's, others the window's.
func (l *lineList) TypedShortcut(s fyne.Shortcut) {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		l.copy()
	case *fyne.ShortcutSelectAll:
		l.pickAll()
	default:
		l.keys.beyond(s)
	}
}

// lineRow is a line in the list.
type lineRow struct {
	widget.BaseWidget
	list *lineList
	no   uint64
	back *canvas.Rectangle
	when *canvas.Text
	mark *canvas.Image
	rest *canvas.Text
}

func newLineRow(l *lineList) *lineRow {
	r := &lineRow{list: l, back: canvas.NewRectangle(color.Transparent)}
	r.back.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	r.when, r.rest = monospaced(), monospaced()
	r.mark = canvas.NewImageFromResource(toneIcon(Quiet))
	r.mark.FillMode = canvas.ImageFillContain
	r.ExtendBaseWidget(r)
	return r
}

func monospaced() *canvas.Text {
	t := canvas.NewText("", theme.Color(theme.ColorNameForeground))
	t.TextStyle.Monospace, t.TextSize = true, rowText()
	return t
}

// rowText is the size of the text in a row, and rowHeight what a row takes of the
// list.
func rowText() float32 { return theme.CaptionTextSize() + 1 }

func rowHeight() float32 {
	return fyne.MeasureText("M", rowText(), fyne.TextStyle{Monospace: true}).Height + theme.Padding()
}

// show fills the row.
func (r *lineRow) show(l logLine, picked bool) {
	row := rowOf(l)
	r.no, r.when.Text, r.rest.Text = l.No, row.When, row.Rest
	ink := theme.Color(theme.ColorNameForeground)
	if row.Faint {
		ink = theme.Color(theme.ColorNameDisabled)
	}
	r.when.Color, r.rest.Color, r.back.FillColor = theme.Color(theme.ColorNameDisabled), ink, color.Transparent
	if picked {
		r.when.Color, r.back.FillColor = ink, theme.Color(theme.ColorNameSelection)
	}
	if row.Tone != "" {
		r.mark.Resource = toneIcon(row.Tone)
	}
	r.mark.Hidden = row.Tone == ""
	r.Refresh()
}

// MouseDown implements desktop.Mouseable.
func (r *lineRow) MouseDown(ev *desktop.MouseEvent) {
	if ev.Button == desktop.MouseButtonPrimary {
		r.list.pick(r.no, ev.Modifier)
	}
}

// MouseUp implements desktop.Mouseable.
func (r *lineRow) MouseUp(*desktop.MouseEvent) {}

// CreateRenderer implements fyne.Widget.
func (r *lineRow) CreateRenderer() fyne.WidgetRenderer { return rowRenderer{r} }

// rowRenderer lays a row out: columns of the same width in every row.
type rowRenderer struct{ *lineRow }

// Layout implements fyne.WidgetRenderer.
func (r rowRenderer) Layout(size fyne.Size) {
	pad, x := theme.Padding(), theme.Padding()
	r.back.Resize(size)
	if r.when.Text != "" {
		r.when.Move(fyne.NewPos(x, 0))
		r.when.Resize(fyne.NewSize(r.when.MinSize().Width, size.Height))
		x += r.when.MinSize().Width + pad
		r.mark.Move(fyne.NewPos(x, (size.Height-r.when.TextSize)/2))
		r.mark.Resize(fyne.NewSquareSize(r.when.TextSize))
		x += r.when.TextSize + pad
	}
	r.rest.Move(fyne.NewPos(x, 0))
	r.rest.Resize(fyne.NewSize(max(0, size.Width-x), size.Height))
}

// MinSize implements fyne.WidgetRenderer.
func (r rowRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, rowHeight()-theme.Padding())
}

// Refresh implements fyne.WidgetRenderer.
func (r rowRenderer) Refresh() {
	r.Layout(r.Size())
	canvas.Refresh(r.lineRow)
}

// Objects implements fyne.WidgetRenderer.
func (r rowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.when, r.mark, r.rest}
}

// Destroy implements fyne.WidgetRenderer.
func (r rowRenderer) Destroy() {}
