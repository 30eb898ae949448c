package gui

import (
	"errors"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"muvpn/client/explain"
	"muvpn/client/reason"
)

// tell says something over a window, until Enter, Escape or its button. What may
// be wanted elsewhere can be copied; empty: nothing.
func (w *Window) tell(over fyne.Window, title, text, copy string) {
	w.tellAs(over, Quiet, title, text, copy)
}

// complain says over a window what went wrong, and what can be done about it.
func (w *Window) complain(over fyne.Window, err error) {
	w.tellAs(over, Bad, w.words("That did not work"), complaint(err, w.words), complaint(err, w.words))
}

func (w *Window) tellAs(over fyne.Window, tone Tone, title, text, copy string) {
	s := newSheet(over)
	s.enter = s.close
	var content fyne.CanvasObject = wrapped(text)
	if tone != Quiet {
		content = container.NewBorder(nil, nil, container.NewVBox(small(toneIcon(tone))), nil, content)
	}
	ok := newKeyButton(&s.keys, w.words("Close"), s.close).high()
	buttons := []fyne.CanvasObject{ok}
	if copy != "" {
		buttons = []fyne.CanvasObject{newKeyButton(&s.keys, w.words("Copy"), func() { w.app.Clipboard().SetContent(copy) }), ok}
	}
	s.show(over, title, s.scrolled(content), fyne.NewSize(480, 220), ok, buttons...)
}

// complaint is an error in a sentence or two. A Reason says what to do.
func complaint(err error, w Words) string {
	var r *reason.Reason
	if !errors.As(err, &r) {
		return sentenceOf(err.Error())
	}
	a := explain.Of(r)
	text := w(a.What)
	if a.User != "" {
		text += "\n" + w(a.User)
	}
	return text
}

// sentenceOf is what an error says, with a capital letter.
func sentenceOf(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
