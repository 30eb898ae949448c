package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
)

// notices are shown one below the other, each with what can be done.
func (p *pane) notices(v View) fyne.CanvasObject {
	box := container.NewVBox()
	for _, n := range v.Notices {
		var act fyne.CanvasObject
		if n.Button.Label != "" {
			act = widget.NewButton(n.Button.Label, func() { p.w.do(n.Button.Verb) })
		}
		box.Add(container.NewBorder(nil, nil, small(toneIcon(n.Tone)), act, wrapped(n.Text)))
	}
	return box
}

// question asks what the service asks. What was typed goes to the service and is
// forgotten.
func (p *pane) question(v View) fyne.CanvasObject {
	q := v.Question
	entry := widget.NewEntry()
	if q.Secret {
		entry = widget.NewPasswordEntry()
	}
	send := func() {
		a := client.Answer{ID: q.ID, Value: []byte(entry.Text)}
		entry.SetText("")
		p.w.ask(func(ctx context.Context, c *client.Client) error {
			defer clear(a.Value)
			return c.Answer(ctx, a)
		})
	}
	entry.OnSubmitted = func(string) { send() }
	button := widget.NewButton(p.w.words("Answer"), send)
	button.Importance = widget.HighImportance
	defer p.w.window.Canvas().Focus(entry)
	line := container.NewBorder(nil, nil, nil, button, entry)
	if q.Text == "" {
		return widget.NewCard(q.Title, "", line)
	}
	return widget.NewCard(q.Title, "", container.NewBorder(wrapped(q.Text), nil, nil, nil, line))
}

// failure says why not: what happened, where, what was seen, what to try.
func (p *pane) failure(v View) fyne.CanvasObject {
	w, f := p.w.words, v.Failure
	table := newFactTable()
	table.paint(present([]Fact{
		{w("You can"), f.User}, {w("Administrator"), f.Admin}, {w("Where"), f.Side},
		{w("Seen"), f.Seen}, {w("Expected"), f.Expected}, {w("Code"), f.Code},
	}))
	return widget.NewCard("", "", container.NewVBox(wrapped(f.What), table.grid)) // a card's own title does not wrap
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
		value.Selectable = true
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
	i.SetMinSize(fyne.NewSquareSize(theme.IconInlineSize()))
	return container.NewPadded(i)
}
