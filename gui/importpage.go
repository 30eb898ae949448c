package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// importPage paints a Page. What is typed and ticked stays while all around it
// changes.
type importPage struct {
	i     *importing
	root  *fyne.Container
	shown Page

	title, below, hint    *widget.Label
	main, other           *keyButton
	passphrase, name, key *field
	checks                []*keyCheck
	scroll                *container.Scroll
	body, foot            *fyne.Container
	sections              []*part[Page]
}

func newImportPage(i *importing) *importPage {
	p := &importPage{i: i}
	p.title = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	p.title.SizeName, p.title.Truncation = theme.SizeNameHeadingText, fyne.TextTruncateEllipsis
	p.below = widget.NewLabel("")
	p.below.Truncation, p.below.Importance = fyne.TextTruncateEllipsis, widget.LowImportance
	p.hint = wrapped("")
	p.buttons()
	p.entries()
	p.body = container.NewVBox()
	p.sections = p.allSections()
	for _, s := range p.sections {
		s.box = container.NewStack()
		s.box.Hide()
		p.body.Add(s.box)
	}
	p.scroll = container.NewVScroll(container.NewPadded(p.body))
	head := container.NewVBox(container.New(tight{}, p.title, p.below), widget.NewSeparator())
	p.foot = container.NewBorder(nil, nil, nil, container.NewHBox(p.other, p.main), p.hint)
	p.root = container.NewPadded(container.NewBorder(head, container.NewVBox(widget.NewSeparator(), p.foot), nil, nil, p.scroll))
	return p
}

func (p *importPage) buttons() {
	k := p.i.enterOrEscape()
	p.main, p.other = newKeyButton(k, "", p.i.enter), newKeyButton(k, "", p.i.other)
	p.main.Importance = widget.HighImportance
}

func (p *importPage) entries() {
	k := p.i.enterOrEscape()
	p.passphrase, p.name, p.key = p.entry(k, true), p.entry(k, false), p.entry(k, true)
	p.passphrase.PlaceHolder = p.i.w.words("Passphrase")
	p.key.PlaceHolder = p.i.w.words("Can be left empty: it is asked for when connecting")
	p.key.OnChanged = p.i.key
}

// entry is a field in which Enter does what the page's button does; a secret one
// shows dots.
func (p *importPage) entry(k *keys, secret bool) *field {
	f := newField(k, secret)
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	f.OnSubmitted = func(string) { k.enter() }
	return f
}

// allSections are the pieces of every page, from the top. A page has few of them.
func (p *importPage) allSections() []*part[Page] {
	return []*part[Page]{
		{of: func(v Page) any { return v.Fault }, build: p.fault},
		{of: func(v Page) any { return v.Text }, build: func(v Page) fyne.CanvasObject { return wrapped(v.Text) }},
		{of: func(v Page) any { return v.Stage == Closed }, build: func(Page) fyne.CanvasObject { return p.passphrase }},
		{of: func(v Page) any { return v.Wrong }, build: func(v Page) fyne.CanvasObject { return noted(toneIcon(Bad), v.Wrong) }},
		{of: func(v Page) any { return v.Drawing }, build: func(v Page) fyne.CanvasObject { return newDrawing(*v.Drawing) }},
		{of: func(v Page) any { return v.Stage == Shown }, build: func(Page) fyne.CanvasObject { return p.row("Name", p.name) }},
		{of: func(v Page) any { return v.Strength }, build: p.strength},
		{of: func(v Page) any { return v.Asks }, build: p.asks},
		{of: func(v Page) any { return v.AsksKey }, build: func(Page) fyne.CanvasObject { return p.row("Shared key", p.key) }},
		{of: func(v Page) any { return v.Notices }, build: p.notices},
		{of: func(v Page) any { return v.Facts }, build: func(v Page) fyne.CanvasObject { return factList(v.Facts) }},
	}
}

// paint shows a page.
func (p *importPage) paint(v Page) {
	onward := v.Stage != p.shown.Stage
	suggested := p.shown.Name
	p.shown = v
	setText(p.title, v.Title)
	setText(p.below, v.Below)
	setText(p.hint, v.Hint)
	if p.name.Text == suggested && suggested != v.Name {
		p.name.SetText(v.Name)
	}
	p.paintButtons(v)
	changed := false
	for _, s := range p.sections {
		changed = s.paint(v) || changed
	}
	if changed { // a text that wraps knows its height only when it has its width
		p.body.Refresh()
		p.body.Refresh()
	}
	c := p.i.w.window.Canvas()
	if onward {
		c.Unfocus()
		p.scroll.ScrollToTop()
	}
	if c.Focused() == nil {
		p.focus()
	}
}

func (p *importPage) paintButtons(v Page) {
	show(p.other, v.Other != "")
	if p.other.Text != v.Other {
		p.other.SetText(v.Other)
	}
	if p.main.Text != v.Main {
		p.main.SetText(v.Main)
	}
	p.foot.Refresh() // the buttons may be wider now
	able(&p.main.Button, v.Ready)
	able(&p.other.Button, !v.Locked)
}

// able makes a button one that can be pressed, or not.
func able(b *widget.Button, yes bool) {
	switch {
	case yes && b.Disabled():
		b.Enable()
	case !yes && !b.Disabled():
		b.Disable()
	}
}

// focus puts the focus where the user has to do something next.
func (p *importPage) focus() {
	c := p.i.w.window.Canvas()
	switch p.shown.Stage {
	case Closed:
		c.Focus(p.passphrase)
		return
	case Shown:
		for _, box := range p.checks {
			if !box.Checked {
				c.Focus(box)
				return
			}
		}
		if p.shown.AsksKey && p.key.Text == "" && c.Focused() == nil {
			c.Focus(p.key)
			p.reveal(p.key)
			return
		}
	}
	c.Focus(p.main)
}

// reveal scrolls to what has the focus.
func (p *importPage) reveal(o fyne.CanvasObject) {
	p.scroll.Refresh() // lays out what has changed
	d := fyne.CurrentApp().Driver()
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(p.scroll).Y
	if below := top + o.Size().Height - p.scroll.Size().Height; below > 0 {
		p.scroll.ScrollToOffset(p.scroll.Offset.AddXY(0, below))
	} else if top < 0 {
		p.scroll.ScrollToOffset(p.scroll.Offset.AddXY(0, top))
	}
}

// again lets the user type over a passphrase that was wrong.
func (p *importPage) again() {
	p.i.w.window.Canvas().Focus(p.passphrase)
	p.passphrase.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// forget empties what was typed.
func (p *importPage) forget() {
	p.key.OnChanged = nil
	p.passphrase.SetText("")
	p.key.SetText("")
}

// row is an entry with its name before it.
func (p *importPage) row(name string, e fyne.CanvasObject) fyne.CanvasObject {
	return container.NewBorder(nil, nil, widget.NewLabel(p.i.w.words(name)), nil, e)
}

// fault says what is wrong, and what can be done.
func (p *importPage) fault(v Page) fyne.CanvasObject {
	w, f := p.i.w.words, v.Fault
	what := wrapped(f.What)
	what.TextStyle.Bold = true
	var act fyne.CanvasObject
	if v.Help.Label != "" {
		act = container.NewCenter(newKeyButton(p.i.enterOrEscape(), v.Help.Label, func() { p.i.w.do(v.Help.Verb) }))
	}
	box := container.NewVBox(container.NewBorder(nil, nil, small(toneIcon(Bad)), act, what))
	if list := present([]Fact{{w("You can"), f.User}, {w("Administrator"), f.Admin}, {w("Seen"), f.Seen}, {w("Code"), f.Code}}); list != nil {
		box.Add(factList(list))
	}
	return container.NewStack(newGround(theme.ColorNameError, false), box)
}

// asks are the things to agree to, each with a box to tick.
func (p *importPage) asks(v Page) fyne.CanvasObject {
	p.checks = nil
	box := container.NewVBox()
	for _, a := range v.Asks {
		icon, edge := theme.QuestionIcon(), theme.ColorNamePrimary
		if a.Tone != Quiet {
			icon, edge = toneIcon(a.Tone), theme.ColorNameError
		}
		check := newKeyCheck(p.i.enterOrEscape(), a.Yes, func(yes bool) { p.i.agree(a.Consent, yes) })
		check.gained = func() { p.reveal(check) }
		check.Checked = slices.Contains(p.i.o.Agreed, a.Consent)
		p.checks = append(p.checks, check)
		indent := container.New(layout.NewCustomPaddedLayout(0, 0, theme.IconInlineSize()+2*theme.Padding(), 0),
			container.NewThemeOverride(check, boxTheme{}))
		box.Add(container.NewStack(newGround(edge, true), container.New(tight{}, noted(icon, a.Text), indent)))
	}
	return box
}

func (p *importPage) strength(v Page) fyne.CanvasObject {
	box := container.NewVBox()
	for _, s := range v.Strength {
		word := widget.NewLabelWithStyle(s.Word, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
		box.Add(container.NewBorder(nil, nil, container.NewHBox(small(strengthIcon(s.Tone)), word), nil, wrapped(s.Sentence)))
	}
	return box
}

func (p *importPage) notices(v Page) fyne.CanvasObject {
	box := container.New(layout.NewCustomPaddedVBoxLayout(0))
	for _, n := range v.Notices {
		box.Add(noted(toneIcon(n.Tone), n.Text))
	}
	return box
}

// noted is a text with an icon before it.
func noted(icon fyne.Resource, text string) fyne.CanvasObject {
	return container.NewBorder(nil, nil, small(icon), nil, wrapped(text))
}

func factList(list []Fact) fyne.CanvasObject {
	t := newFactTable()
	t.paint(list)
	return t.grid
}
