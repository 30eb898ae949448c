package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
)

// notices are shown one below the other, each with what can be done.
func (p *pane) notices(v View) fyne.CanvasObject {
	box := container.NewVBox()
	for _, n := range v.Notices {
		var act fyne.CanvasObject
		if n.Button.Label != "" {
			act = newKeyButton(&keys{scroll: p.scroll}, n.Button.Label, func() { p.w.do(n.Button.Verb) })
		}
		box.Add(container.NewBorder(nil, nil, small(toneIcon(n.Tone)), act, wrapped(n.Text)))
	}
	return box
}

// question asks what the service asks: Enter answers, Escape withdraws. What was
// typed goes to the service and is forgotten with the entry: the next question,
// or the same after an answer that did not arrive, has a new one.
func (p *pane) question(v View) fyne.CanvasObject {
	q := v.Question
	k := &keys{escape: func() { p.w.do(Cancel) }, hot: p.w.hot, scroll: p.scroll}
	entry := newField(k, q.Secret)
	answer := newKeyButton(k, p.w.words("Answer"), nil).high()
	send := func() {
		a := client.Answer{ID: q.ID, Value: []byte(entry.Text)}
		entry.SetText("")
		entry.Disable() // it is answered once
		answer.Disable()
		p.w.askOver(p.w.window, p.askAgain, func(ctx context.Context, c *client.Client) error {
			defer clear(a.Value)
			return c.Answer(ctx, a)
		})
	}
	entry.OnSubmitted = func(string) { send() }
	answer.OnTapped = send
	p.answer, p.unread = entry, true
	line := container.NewBorder(nil, nil, nil, answer, entry)
	if q.Text == "" {
		return widget.NewCard(q.Title, "", line)
	}
	return widget.NewCard(q.Title, "", container.NewBorder(wrapped(q.Text), nil, nil, nil, line))
}

// forget lets go of the entry of a question that stands no more.
func (p *pane) forget() {
	if c := p.w.window.Canvas(); p.answer != nil && c.Focused() == fyne.Focusable(p.answer) {
		c.Unfocus()
	}
	p.answer = nil
}

// askAgain shows the question anew, if it still stands.
func (p *pane) askAgain() {
	for i := range p.parts {
		if q, ok := p.parts[i].shown.(*Question); ok && q != nil {
			p.parts[i].shown = nil
			p.parts[i].paint(p.w.view)
		}
	}
	p.notice()
}

// notice gives a question that is new the focus, once it is in the window.
func (p *pane) notice() {
	if p.answer != nil && p.unread {
		p.unread = false
		p.w.window.Canvas().Focus(p.answer)
	}
}

// failure says why not: what happened, where, what was seen, what to try.
func (p *pane) failure(v View) fyne.CanvasObject {
	w, f := p.w.words, v.Failure
	table := newFactTable()
	table.paint(present([]Fact{
		{w("You can"), f.User}, {w("Administrator"), f.Admin}, {w("Where"), f.Side},
		{w("Seen"), f.Seen}, {w("Expected"), f.Expected}, {w("Code"), f.Code},
	}))
	what := container.NewVBox(wrapped(f.What), table.grid)
	if !f.Log {
		return widget.NewCard("", "", what) // a card's own title does not wrap
	}
	k := &keys{scroll: p.scroll}
	send := newKeyButton(k, w("Send log to support…"), func() { p.w.sendLog(p.w.window) })
	log := newKeyButton(k, w("Log"), p.w.openLog)
	return widget.NewCard("", "", container.NewBorder(nil, container.NewHBox(send, log), nil, nil, what))
}

// steps are read aloud over the phone: each has a mark and its number.
func (p *pane) steps(v View) fyne.CanvasObject {
	box := container.NewVBox()
	for _, s := range v.Steps {
		l := widget.NewLabel(s.Name)
		if s.Mark == Coming {
			l.Importance = widget.LowImportance
		}
		box.Add(container.NewHBox(small(markIcon(s.Mark)), l))
	}
	return box
}

func (p *pane) banner(v View) fyne.CanvasObject {
	return widget.NewCard("", p.w.words("The gateway says"), wrapped(v.Banner))
}

// strength is never colour alone: each has a shape and a word.
func (p *pane) strength(v View) fyne.CanvasObject {
	word := widget.NewLabelWithStyle(v.Strength.Word, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	return container.NewBorder(nil, nil, container.NewHBox(small(strengthIcon(v.Strength.Tone)), word), nil, wrapped(v.Strength.Sentence))
}

// factTable shows facts, a line each. While their names stay the same only the
// values that differ are painted.
type factTable struct {
	grid   *fyne.Container
	shown  []Fact
	values []*widget.Label
}

func newFactTable() *factTable { return &factTable{grid: container.New(&columns{})} }

// paint says whether the table has other rows now.
func (t *factTable) paint(facts []Fact) (changed bool) {
	if sameNames(t.shown, facts) {
		for i, f := range facts {
			setText(t.values[i], f.Value)
		}
		t.shown = facts
		return false
	}
	t.shown, t.values, t.grid.Objects = facts, nil, nil
	for _, f := range facts {
		name := widget.NewLabel(f.Name)
		name.Importance = widget.LowImportance
		value := wrapped(f.Value)
		t.values = append(t.values, value)
		t.grid.Objects = append(t.grid.Objects, name, value)
	}
	return true
}

func sameNames(a, b []Fact) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name {
			return false
		}
	}
	return true
}

// present leaves out the facts of which nothing is known.
func present(facts []Fact) []Fact {
	var list []Fact
	for _, f := range facts {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	return list
}

// small is an icon of the height of a line.
func small(r fyne.Resource) fyne.CanvasObject {
	i := canvas.NewImageFromResource(r)
	i.FillMode = canvas.ImageFillContain
	return container.NewPadded(container.New(inline{}, i))
}
