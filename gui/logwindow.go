package gui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"muvpn/client/mail"
)

// logWindow shows the log as it grows. It belongs to Fyne's goroutine, as the
// main window does that it was opened from.
type logWindow struct {
	keys
	main   *Window
	window fyne.Window

	lines  []logLine // the newest, as many as are kept
	last   uint64    // number of the newest
	held   []logLine // what is shown while it is frozen
	frozen bool
	filter filter
	absent error // why there is nothing new; nil: there may be
	redact bool
	stop   context.CancelFunc // ends the reader

	list   *lineList
	detail *widget.Label
	search *field
	status *widget.Label
	notice fyne.CanvasObject // that the service is away
	freeze *keyCheck
}

// openLog shows the log in a window of its own, the one that is there if it is.
func (w *Window) openLog() {
	if w.log == nil {
		w.log = newLogWindow(w)
		w.log.restart()
	}
	w.log.window.Show()
	w.log.window.RequestFocus()
}

func newLogWindow(w *Window) *logWindow {
	l := &logWindow{main: w, window: w.app.NewWindow(w.words("Log")), stop: func() {}}
	l.hot = &hotkeys{canvas: l.window.Canvas()}
	l.list = newLineList(w.app, l.window.Canvas(), &l.keys, l.showDetail)
	head, foot := l.head(), l.foot()
	l.window.SetContent(container.NewPadded(inOrder(container.NewBorder(head, foot, nil, nil, l.list), head, l.list, foot)))
	l.window.Resize(fyne.NewSize(900, 560))
	l.shortcuts()
	l.window.SetOnClosed(func() {
		l.stop()
		w.log = nil
	})
	l.paint(true)
	return l
}

// head is what decides which lines are shown.
func (l *logWindow) head() fyne.CanvasObject {
	w := l.main.words
	least := map[string]string{
		w("Everything"): "", w("Information and above"): "info", w("Warnings and errors"): "warning", w("Errors only"): "error",
	}
	level := newKeySelect(&l.keys, []string{w("Everything"), w("Information and above"), w("Warnings and errors"), w("Errors only")},
		func(text string) { l.refilter(filter{least[text], l.filter.Search}) })
	level.Selected = w("Everything")
	clear := &keys{hot: l.hot}
	l.search = newField(clear, false)
	clear.escape = func() { l.search.SetText("") }
	l.search.SetPlaceHolder(w("Search"))
	l.search.OnChanged = func(text string) { l.refilter(filter{l.filter.Least, text}) }
	l.freeze = newKeyCheck(&l.keys, w("Freeze"), l.setFrozen)
	redact := newKeyCheck(&l.keys, w("Hide names and addresses"), l.setRedact)
	return inOrder(container.NewBorder(nil, nil, level, container.NewHBox(l.freeze, redact), l.search), level)
}

// foot shows the picked line whole, and what can be done with them.
func (l *logWindow) foot() fyne.CanvasObject {
	w := l.main.words
	l.detail = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	l.detail.Wrapping = fyne.TextWrapBreak
	whole := container.NewVScroll(l.detail)
	whole.SetMinSize(fyne.NewSize(0, 4*rowHeight()))
	l.status = widget.NewLabel("")
	l.status.Truncation = fyne.TextTruncateEllipsis
	l.notice = container.NewBorder(nil, nil, small(toneIcon(Bad)), nil, wrapped(w("The service cannot be asked. The log goes on when it is back.")))
	l.notice.Hide()
	buttons := container.NewHBox(
		newKeyButton(&l.keys, w("Copy"), l.list.copy),
		newKeyButton(&l.keys, w("Save…"), l.save),
		newKeyButton(&l.keys, w("Send log to support…"), func() { l.main.sendLog(l.window) }).high(),
	)
	return container.NewVBox(widget.NewSeparator(), whole, l.notice, container.NewBorder(nil, nil, nil, buttons, l.status))
}

// shortcuts are those of every list of text.
func (l *logWindow) shortcuts() {
	l.hot.add(withCtrl(fyne.KeyF), func() { l.window.Canvas().Focus(l.search) })
	l.hot.add(withCtrl(fyne.KeyS), l.save)
	l.hot.add(withCtrl(fyne.KeyW), l.window.Close)
	l.hot.add(&fyne.ShortcutCopy{}, l.list.copy)
	l.hot.add(&fyne.ShortcutSelectAll{}, l.list.pickAll)
}

// restart reads the log from a new connection, and forgets what was read.
func (l *logWindow) restart() {
	l.stop()
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.lines, l.held, l.absent = nil, nil, nil
	l.follow(ctx, l.main.path, l.redact)
	l.paint(true)
}

// take takes new lines; anew: instead of all that were there.
func (l *logWindow) take(more []logLine, anew bool) {
	if anew {
		l.lines = nil
	}
	for i := range more {
		l.last++
		more[i].No = l.last
	}
	end := l.list.atEnd()
	l.lines, l.absent = keep(l.lines, more, maxLines), nil
	if !l.frozen {
		l.paint(end)
	}
	l.paintStatus()
}

// lost says that nothing new will come for now. What is there stays.
func (l *logWindow) lost(err error) {
	l.absent = err
	l.paintStatus()
}

// shown are the lines that are shown now.
func (l *logWindow) shown() []logLine {
	if l.frozen {
		return l.filter.of(l.held)
	}
	return l.filter.of(l.lines)
}

// paint shows the lines, and with end their end.
func (l *logWindow) paint(end bool) {
	l.list.paint(l.shown(), end)
	l.showDetail()
	l.paintStatus()
}

// paintStatus says how much is shown, and whether the service is there.
func (l *logWindow) paintStatus() {
	newer := 0
	if l.frozen {
		newer = cameAfter(l.held, l.filter.of(l.lines))
	}
	setText(l.status, logStatus(len(l.list.lines), len(l.lines), newer, l.frozen, l.main.words))
	if away := l.absent != nil; away != l.notice.Visible() {
		end := l.list.atEnd()
		show(l.notice, away)
		l.window.Content().Refresh()
		l.window.Content().Refresh() // a text that wraps knows its height only when it has its width
		l.list.paint(l.list.lines, end && !l.frozen)
	}
}

// logStatus says how much is shown of how much.
func logStatus(shown, all, newer int, frozen bool, w Words) string {
	switch {
	case frozen:
		return w("Frozen. Lines that came since: {{.New}}", map[string]any{"New": newer})
	case shown != all:
		return w("Lines: {{.Shown}} of {{.All}}", map[string]any{"Shown": shown, "All": all})
	}
	return w("Lines: {{.All}}", map[string]any{"All": all})
}

// refilter shows other lines of those that are there.
func (l *logWindow) refilter(f filter) {
	l.filter = f
	l.paint(!l.frozen)
}

// setFrozen keeps what is shown as it is, or lets it go on.
func (l *logWindow) setFrozen(frozen bool) {
	l.frozen, l.held = frozen, nil
	if frozen {
		l.held = slices.Clone(l.lines)
	}
	l.paint(!frozen)
}

// setRedact asks the service for the log in the other form. Nothing that was
// read in the former stays in sight.
func (l *logWindow) setRedact(redact bool) {
	l.redact = redact
	l.freeze.SetChecked(false)
	l.restart()
}

// showDetail shows the picked line whole.
func (l *logWindow) showDetail() {
	line, ok := l.list.read()
	if !ok {
		line.Text = l.main.words("Choose a line to read all of it.")
	}
	setText(l.detail, line.Text)
}

// save writes the chosen lines, or all that are shown, to a file of the user's.
func (l *logWindow) save() {
	text := joinLines(l.list.chosen())
	l.main.pick(l.window, "muvpn-"+l.main.now().Format("20060102-150405")+".log", func(path string) {
		if err := mail.Save(path, []byte(text)); err != nil {
			l.main.complain(l.window, err)
		}
	})
}
