package gui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
)

// Finding is a check of a diagnosis as it is shown.
type Finding struct {
	Tone Tone
	Word string // what the tone means
	Name string // of the check, as the command line has it
	Text string
	Do   string // what the user can do about it; empty: nothing
}

// findings are the checks, and a sentence on all of them.
func findings(d client.Diagnosis, w Words) (sentence string, list []Finding) {
	for _, c := range d.Checks {
		f := Finding{Name: c.Name, Text: sentenceOf(c.Text)}
		f.Tone, f.Word = verdict(c.Verdict, w)
		if c.Verdict == client.Wrong && c.Reason != nil {
			f.Do = said(explain.Of(c.Reason).User, w)
		}
		list = append(list, f)
	}
	if d.Worst() != nil {
		return w("Something is wrong. The first cross is where a connection ends."), list
	}
	return w("Nothing is wrong."), list
}

// serviceCheck is that the service runs, and whether it is of our release.
func serviceCheck(h client.Hello, w Words) client.Check {
	with := map[string]any{"Service": h.Program + " " + h.Version, "Own": client.Build()}
	if h.Version != client.Build() {
		return client.Check{Name: "service", Verdict: client.Doubt, Text: w("The service is {{.Service}}, and this window is {{.Own}}: install both from the same release", with)}
	}
	return client.Check{Name: "service", Verdict: client.Good, Text: w("The service runs: {{.Service}}", with)}
}

func verdict(v client.Verdict, w Words) (Tone, string) {
	switch v {
	case client.Good:
		return Good, w("good")
	case client.Doubt:
		return Warn, w("look at this")
	case client.Wrong:
		return Bad, w("wrong")
	}
	return Quiet, w("not looked at")
}

// unasked is the diagnosis when there was none: the service is away, or refuses.
func unasked(err error, w Words) (sentence string, list []Finding) {
	var r *reason.Reason
	if errors.As(err, &r) {
		return findings(client.Diagnosis{Checks: []client.Check{{Name: "service", Verdict: client.Wrong, Text: r.Seen, Reason: r}}}, w)
	}
	var no *client.Refusal
	if errors.As(err, &no) && no.Kind == client.Busy {
		return w("Somebody else is looking right now. Try again in twenty seconds."), nil
	}
	return w("There was no diagnosis."), []Finding{{Tone: Bad, Word: w("wrong"), Name: "service", Text: err.Error()}}
}

// diagnosing is a look at everything that a connection needs.
type diagnosing struct {
	*sheet
	main *Window
	body *fyne.Container
	text string // what was found, to be copied
	copy *keyButton
}

// diagnose has the service look, and shows what it has found.
func (w *Window) diagnose() {
	p, _ := w.picked()
	d := &diagnosing{sheet: newSheet(w.window), main: w, body: container.NewStack()}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	d.closed, d.enter = cancel, d.close
	d.copy = newKeyButton(&d.keys, w.words("Copy"), func() { w.app.Clipboard().SetContent(d.text) })
	d.copy.Disable()
	ok := newKeyButton(&d.keys, w.words("Close"), d.close).high()
	d.body.Objects = []fyne.CanvasObject{wrapped(w.words("Looking at everything that a connection needs. This takes up to twenty seconds, and changes nothing."))}
	title := w.words("Diagnosis")
	if p.Name != "" {
		title = w.words("Diagnosis of {{.Profile}}", map[string]any{"Profile": p.Name})
	}
	d.show(w.window, title, d.body, fyne.NewSize(680, 500), ok, d.copy, ok)
	d.look(ctx, p.UUID)
}

// look asks the service, whose absence is a finding, too.
func (d *diagnosing) look(ctx context.Context, profile string) {
	w, c := d.main.words, d.main.client
	if c == nil {
		d.paint(unasked(d.main.seen.Absent, w))
		return
	}
	go func() {
		found, err := c.Diagnose(ctx, client.Diagnose{Profile: profile})
		d.main.post(func() {
			switch {
			case err != nil:
				d.paint(unasked(err, w))
			default:
				found.Checks = append([]client.Check{serviceCheck(c.Hello(), w)}, found.Checks...)
				d.paint(findings(found, w))
			}
		})
	}()
}

// paint shows what was found, a line each, to be read aloud over the phone.
func (d *diagnosing) paint(sentence string, list []Finding) {
	if d.dialog == nil {
		return // nobody waits for it any more
	}
	head := widget.NewLabelWithStyle(sentence, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	head.Wrapping = fyne.TextWrapWord
	rows := container.New(&columns{})
	for _, f := range list {
		mark := container.NewHBox(small(toneIcon(f.Tone)), faint(f.Name))
		text := f.Text
		if f.Do != "" {
			text += "\n" + f.Do
		}
		rows.Objects = append(rows.Objects, mark, wrapped(text))
	}
	d.body.Objects = []fyne.CanvasObject{container.NewBorder(head, nil, nil, nil, d.scrolled(rows))}
	d.body.Refresh()
	rows.Refresh() // a text that wraps knows its height only when it has its width
	d.text = findingsText(sentence, list)
	d.copy.Enable()
}

// findingsText is what was found as text.
func findingsText(sentence string, list []Finding) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.Name + " (" + f.Word + "): " + f.Text + "\n")
	}
	return b.String() + sentence + "\n"
}
