package gui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pane is what stands in the main window: the profiles at the left, the state of
// the connection at the right and below it whatever there is to say.
type pane struct {
	w    *Window
	root *fyne.Container

	list     *profileList
	icon     *canvas.Image
	word     *heading
	sentence *widget.Label
	connect  *keyButton
	pressed  time.Time // when connect was, last
	facts    *factTable
	graph    *graph
	answer   *field // where the open question is answered; nil: there is none
	unread   bool   // it has not had the focus yet

	right   *fyne.Container // the state, and below it all the rest
	parts   []part[View]
	below   *fyne.Container // the parts, then the facts
	scroll  *container.Scroll
	welcome fyne.CanvasObject
	words   *fyne.Container // of welcome
	usual   fyne.CanvasObject
}

func newPane(w *Window) *pane {
	p := &pane{w: w}
	p.list = newProfileList(w)
	p.icon = canvas.NewImageFromResource(toneIcon(Quiet))
	p.icon.FillMode = canvas.ImageFillContain
	p.icon.SetMinSize(fyne.NewSquareSize(64))
	p.word = newHeading("", fyne.TextAlignLeading)
	p.sentence = wrapped("")
	p.connect = newKeyButton(&keys{}, "", p.press)
	p.facts, p.graph = newFactTable(), newGraph(w)
	p.parts = []part[View]{
		{of: func(v View) any { return v.Notices }, build: p.notices},
		{of: func(v View) any { return v.Question }, build: p.question},
		{of: func(v View) any { return v.Failure }, build: p.failure},
		{of: func(v View) any { return v.Steps }, build: p.steps},
		{of: func(v View) any { return v.Banner }, build: p.banner},
		{of: func(v View) any { return v.Strength }, build: p.strength},
	}
	p.welcome, p.usual = p.first(), p.main()
	p.connect.keys.scroll = p.scroll
	p.root = container.NewStack(p.welcome, p.usual)
	p.welcome.Hide()
	return p
}

// main is the pane of everyday.
func (p *pane) main() fyne.CanvasObject {
	word := container.New(layout.NewCustomPaddedLayout(0, 0, theme.InnerPadding(), 0), p.word) // as labels have it
	head := container.NewBorder(nil, nil, p.icon, nil, container.New(layout.NewCustomPaddedVBoxLayout(0), word, p.sentence))
	p.below = container.NewVBox()
	for i := range p.parts {
		p.parts[i].box = container.NewStack()
		p.parts[i].box.Hide()
		p.below.Add(p.parts[i].box)
	}
	p.below.Add(p.graph.root)
	p.below.Add(p.facts.grid)
	p.scroll = container.NewVScroll(container.NewPadded(p.below))
	p.right = container.NewBorder(container.NewVBox(head, p.connect, widget.NewSeparator()), nil, nil, nil, p.scroll)
	return container.NewBorder(nil, nil, container.NewHBox(p.list.root, widget.NewSeparator()), nil, container.NewPadded(p.right))
}

// first is the pane of somebody who has no profile yet.
func (p *pane) first() fyne.CanvasObject {
	w := p.w.words
	title := newHeading(w("Welcome"), fyne.TextAlignCenter)
	text := wrapped(w("Drop the .exp file that your administrator sent here, or choose it. You need the passphrase, too."))
	text.Alignment = fyne.TextAlignCenter
	choose := newKeyButton(&keys{}, w("Choose a file…"), p.w.chooseFile).high()
	choose.Icon = theme.FolderOpenIcon()
	p.words = container.NewVBox(layout.NewSpacer(), title, text, container.NewCenter(choose), layout.NewSpacer())
	return container.NewBorder(nil, container.NewHBox(newMenuButton(p.w)), nil, nil, container.NewPadded(p.words))
}

// paint shows a view.
func (p *pane) paint(v View) {
	if v.First && !p.welcome.Visible() {
		p.welcome.Show()
		p.words.Refresh() // its text wraps, as below
	}
	show(p.welcome, v.First)
	show(p.usual, !v.First)
	p.list.paint(v.Profiles)
	if res := toneIcon(v.Tone); p.icon.Resource != res {
		p.icon.Resource = res
		p.icon.Refresh()
	}
	p.word.set(v.Word)
	p.paintSentence(v.Sentence)
	p.paintButton(v.Connect)
	if v.Question == nil {
		p.forget()
	}
	changed := p.facts.paint(v.Facts)
	changed = p.graph.paint(v.Graph) || changed
	for i := range p.parts {
		changed = p.parts[i].paint(v) || changed
	}
	if changed { // a text that wraps knows its height only when it has its width
		p.below.Refresh()
		p.below.Refresh()
	}
	p.notice()
}

// paintSentence makes room for a sentence that has more lines than the one before.
func (p *pane) paintSentence(text string) {
	before := p.sentence.MinSize().Height
	setText(p.sentence, text)
	if p.sentence.MinSize().Height != before {
		p.right.Refresh()
	}
}

// press does what the large button stands for, and does it once for a double-click,
// which some do on everything: by its second half the button stands for the
// opposite.
func (p *pane) press() {
	before, now := p.pressed, p.w.now()
	p.pressed = now
	if now.Sub(before) > doubleClick {
		p.w.do(p.w.view.Connect.Verb)
	}
}

// doubleClick is the longest that the systems take for one, unless they are told
// otherwise.
const doubleClick = 500 * time.Millisecond

func (p *pane) paintButton(b Button) {
	importance := widget.HighImportance
	if b.Verb != Connect {
		importance = widget.MediumImportance
	}
	if p.connect.Text != b.Label || p.connect.Importance != importance {
		p.connect.Importance = importance
		p.connect.SetText(b.Label)
	}
	if enabled := b.Verb != NoVerb; enabled == p.connect.Disabled() {
		if enabled {
			p.connect.Enable()
		} else {
			p.connect.Disable()
		}
	}
}

// show shows or hides; what is as it should be is not painted again.
func show(o fyne.CanvasObject, visible bool) {
	switch {
	case visible && !o.Visible():
		o.Show()
	case !visible && o.Visible():
		o.Hide()
	}
}

// setText changes a label, if that changes it.
func setText(l *widget.Label, text string) {
	if l.Text != text {
		l.SetText(text)
	}
}

func wrapped(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}
