package gui

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
	"muvpn/client/figures"
	"muvpn/client/mail"
)

// sending is "Send log to support": the message, shown before it goes. What goes
// is the very report that is shown. Nothing is sent from here: the mail program
// does that, when the user tells it to.
type sending struct {
	*sheet
	main   *Window
	over   fyne.Window
	report *mail.Report // nil: it is being collected

	body   *fyne.Container // what changes with the report
	to     *field
	redact *keyCheck
	open   *keyButton
	save   *keyButton
}

// sendLog shows the message over a window.
func (w *Window) sendLog(over fyne.Window) {
	if w.client == nil {
		w.tell(over, w.words("Send log to support"), w.words("The service cannot be asked, so that there is no log to send."), "")
		return
	}
	s := &sending{sheet: newSheet(over), main: w, over: over, body: container.NewStack()}
	s.to = newField(&s.keys, false)
	s.to.SetPlaceHolder(w.words("Address of your support"))
	s.to.OnSubmitted = func(string) { s.press() }
	s.redact = newKeyCheck(&s.keys, w.words("Hide user names and inner addresses"), func(bool) { s.collect() })
	s.open = newKeyButton(&s.keys, w.words("Open in mail program"), s.press).high()
	s.save = newKeyButton(&s.keys, w.words("Save as file…"), s.saveAs)
	s.enter = s.press
	s.collect()
	cancel := newKeyButton(&s.keys, w.words("Cancel"), s.close)
	s.show(over, w.words("Send log to support"), container.NewBorder(nil, s.redact, nil, nil, s.body),
		fyne.NewSize(680, 520), s.open, cancel, s.save, s.open)
}

// collect asks for the log, in the form that was chosen.
func (s *sending) collect() {
	s.report = nil
	s.paint()
	redact := s.redact.Checked
	s.main.askOver(s.over, s.close, func(ctx context.Context, c *client.Client) error {
		r, err := mail.Collect(ctx, c, mail.Options{Redact: redact})
		if err != nil {
			return err
		}
		s.main.post(func() {
			if redact == s.redact.Checked {
				s.report = r
				s.paint()
			}
		})
		return nil
	})
}

// paint shows the report.
func (s *sending) paint() {
	w := s.main.words
	if s.report == nil {
		s.open.Disable()
		s.save.Disable()
		s.body.Objects = []fyne.CanvasObject{wrapped(w("Collecting the log…"))}
		s.body.Refresh()
		return
	}
	s.open.Enable()
	s.save.Enable()
	table := container.New(&columns{}, faint(w("To")), s.addressee(), faint(w("Subject")), wrapped(s.report.Subject()))
	for _, a := range s.report.Attachments() {
		look := newKeyButton(&s.keys, w("Look at it"), func() { s.main.showText(a.Name, string(a.Data), s.over) })
		what := container.NewBorder(nil, nil, nil, container.NewPadded(look), wrapped(a.Name+", "+figures.Octets(uint64(len(a.Data)))))
		table.Objects = append(table.Objects, faint(w("Attached")), what)
	}
	text := wrapped(s.report.Summary())
	s.body.Objects = []fyne.CanvasObject{container.NewBorder(table, nil, nil, nil, s.scrolled(text))}
	s.body.Refresh()
}

// addressee is whom the message is for: the profile says, or the user does.
func (s *sending) addressee() fyne.CanvasObject {
	switch {
	case s.report.To != nil:
		return wrapped(s.report.To.Address)
	case s.report.Support == "":
		return s.to
	}
	note := wrapped(s.main.words("The profile names {{.Support}}, which is no address.", map[string]any{"Support": s.report.Support}))
	return container.NewVBox(s.to, note)
}

// message is the message as it goes, with the address that was typed.
func (s *sending) message() ([]byte, error) {
	if s.to.Text != "" {
		if err := s.report.Address(s.to.Text); err != nil {
			return nil, err
		}
	}
	return s.report.Message()
}

// press opens the message in the mail program. It is in a file in any case.
func (s *sending) press() {
	if s.report == nil {
		return
	}
	path := filepath.Join(s.main.saveIn(), s.report.FileName(s.main.now()))
	if !s.write(path) {
		return
	}
	r, open := s.report, s.main.openMail
	s.close()
	go func() {
		err := open(path, r)
		s.main.post(func() { s.opened(path, err) })
	}()
}

// write writes the message, and says whether that went well.
func (s *sending) write(path string) bool {
	message, err := s.message()
	if err == nil {
		err = mail.Save(path, message)
	}
	if err != nil {
		s.main.complain(s.over, err)
	}
	return err == nil
}

// opened says where the message is.
func (s *sending) opened(path string, err error) {
	w, with := s.main.words, map[string]any{"Path": path}
	switch {
	case errors.Is(err, mail.ErrNoProgram):
		s.tell(w("No mail program was found here. Attach this file to a message of your own:\n{{.Path}}", with), path)
	case err != nil:
		s.main.complain(s.over, err)
	default:
		s.tell(w("It is in your mail program now: read it, and send it from there. This file can be deleted afterwards:\n{{.Path}}", with), path)
	}
}

func (s *sending) saveAs() {
	if s.report == nil {
		return
	}
	s.main.pick(s.over, s.report.FileName(s.main.now()), func(path string) {
		if s.write(path) {
			s.close()
			s.tell(s.main.words("The message is saved. Attach this file to a message of your own:\n{{.Path}}", map[string]any{"Path": path}), path)
		}
	})
}

// tell says what has become of the message, and where it is.
func (s *sending) tell(text, path string) {
	s.main.tell(s.over, s.main.words("Send log to support"), text, path)
}

// faint is the name of something that stands beside it.
func faint(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Importance = widget.LowImportance
	return l
}

// maxSeen is how many letters of a line are seen in a dialog for certain.
const maxSeen = 80

// showText shows a text as it is, however long, with a way to copy it.
func (w *Window) showText(title, text string, over fyne.Window) {
	s := newSheet(over)
	s.enter = s.close
	whole := widget.NewLabelWithStyle(w.words("Choose a line to read all of it."), fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	whole.Wrapping = fyne.TextWrapBreak
	var list *lineList
	list = newLineList(w.app, over.Canvas(), &s.keys, func() {
		l, _ := list.read()
		setText(whole, l.Text)
	})
	list.lines = textLines(text)
	var below fyne.CanvasObject
	if slices.ContainsFunc(list.lines, func(l logLine) bool { return len(l.Text) > maxSeen }) {
		detail := container.NewVScroll(whole)
		detail.SetMinSize(fyne.NewSize(0, 3*rowHeight()+2*theme.Padding()))
		below = container.NewVBox(widget.NewSeparator(), detail)
	}
	copy := newKeyButton(&s.keys, w.words("Copy"), list.copy)
	ok := newKeyButton(&s.keys, w.words("Close"), s.close).high()
	s.show(over, title, container.NewBorder(nil, below, nil, nil, list),
		fyne.NewSize(840, 520), ok, copy, ok)
}
