package gui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// asking is a connection under way that asks a question.
func asking(id int, kind, text string) client.Status {
	s := ofOffice(client.Authenticating)
	s.Prompt = &client.Prompt{ID: id, Kind: kind, Text: text}
	return s
}

// atQuestion is a user who is asked for a password.
func atQuestion(t *testing.T) *desk {
	t.Helper()
	d := atDesk(t, alone(t), func(s *clienttest.Service) { s.Say(asking(1, "xauth-password", "Password for lisa")) })
	d.until("it is asked", func() bool { return d.view.Question != nil })
	return d
}

// answers are what the service was told.
func (d *desk) answers() (list []client.Answer) {
	for _, a := range d.service.Asked() {
		if a, ok := a.(client.Answer); ok {
			list = append(list, a)
		}
	}
	return list
}

func (d *desk) typed(text string) {
	test.Type(d.window.Canvas().Focused(), text)
	key(d.window, fyne.KeyReturn)
}

// A wrong answer is followed by a new question, with an entry of its own.
func TestQuestionAnsweredTwice(t *testing.T) {
	d := atQuestion(t)
	first := d.pane.answer
	d.typed("worng")
	if first.Text != "" || !first.Disabled() {
		t.Error("what was answered is still there, or can be answered again")
	}
	d.until("it is answered", func() bool { return len(d.answers()) == 1 })
	d.service.Say(asking(2, "xauth-password", "Password for lisa"))
	d.until("it is asked again", func() bool { return d.view.Question.ID == 2 })
	if d.pane.answer == first || d.window.Canvas().Focused() != fyne.Focusable(d.pane.answer) || d.pane.answer.Disabled() {
		t.Fatal("the second question is not a new one with the focus")
	}
	d.typed("right")
	d.until("it is answered", func() bool { return len(d.answers()) == 2 })
	for i, want := range []string{"worng", "right"} {
		if a := d.answers()[i]; a.ID != i+1 || string(a.Value) != want {
			t.Errorf("answer %d is %d %q, want %q", i, a.ID, a.Value, want)
		}
	}
	d.service.Say(connected())
	d.until("it is connected", func() bool { return d.view.Question == nil })
	if d.pane.answer != nil || d.window.Canvas().Focused() != nil {
		t.Error("the entry is kept")
	}
}

// An answer that the service refuses can be given again.
func TestQuestionRefused(t *testing.T) {
	d := atQuestion(t)
	d.service.Fail("answer", &client.Refusal{Kind: client.NotAsked, Text: "that came too late"})
	d.typed("right")
	d.until("it is refused", func() bool { return says(d.window, "That came too late") })
	key(d.window, fyne.KeyEscape)
	if d.pane.answer.Disabled() || d.pane.answer.Text != "" {
		t.Error("it cannot be answered again, or the answer was kept")
	}
}

// Escape withdraws, wherever the focus is.
func TestQuestionEscaped(t *testing.T) {
	for name, focus := range map[string]func(*desk){
		"in the entry":  func(*desk) {},
		"on the button": func(d *desk) { tabTo(t, d.window, "Answer") },
		"nowhere":       func(d *desk) { d.window.Canvas().Unfocus() },
	} {
		t.Run(name, func(t *testing.T) {
			d := atQuestion(t)
			d.service.On("down", client.Status{State: client.Disconnected})
			focus(d)
			key(d.window, fyne.KeyEscape)
			d.until("it is withdrawn", func() bool { return d.view.Question == nil })
			if len(d.answers()) != 0 {
				t.Error("something was answered")
			}
		})
	}
}

// The menu's shortcuts work while something is typed.
func TestShortcutsInAQuestion(t *testing.T) {
	d := atQuestion(t)
	ctrl(d.hot, fyne.KeyL)
	if d.log == nil {
		t.Error("Ctrl+L does nothing while a password is asked for")
	}
}

func TestAsked(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Password for lisa", "Password for lisa"},
		{"\n  Enter PIN:\nthen the code \n", "Enter PIN:\nthen the code"},
		{"red\x1b[31m\x00 \u202eevil", "red[31m evil"},
		{strings.Repeat("é", 500), strings.Repeat("é", maxQuestion) + "…"},
		{strings.Repeat("x\n", 50), strings.Repeat("x\n", maxQuestionLines) + "…"},
		{strings.Repeat("x\n", maxQuestionLines), strings.TrimSpace(strings.Repeat("x\n", maxQuestionLines))},
	} {
		if got := asked(c.text); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.text, got, c.want)
		}
	}
}

func TestLongQuestion(t *testing.T) {
	inBoth(t, "question-long", func(t *testing.T, a fyne.App) fyne.Window {
		w := still(t, a)
		text := "Enter the code that was sent to the telephone ending in 42.\nIt is valid for five minutes. " + strings.Repeat("This gateway has much to say about how codes are to be kept. ", 10)
		w.see(func(s *Seen) {
			*s = Seen{Asked: true, Status: asking(1, "challenge", text), Profiles: []client.Profile{office}, Now: noon}
		})
		return w.window
	})
}

// Enter connects, and is no way to disconnect by mistake.
func TestEnterConnects(t *testing.T) {
	d := atDesk(t, alone(t), func(s *clienttest.Service) { s.On("up", connected()) })
	key(d.window, fyne.KeyReturn)
	d.until("it is connected", func() bool { return d.view.Connect.Verb == Disconnect })
	key(d.window, fyne.KeyReturn)
	d.window.Canvas().Focus(d.pane.connect)
	key(d.window, fyne.KeyReturn)
	d.until("it is told to", func() bool { return len(d.service.Asked()) == 2 })
	if asked := d.service.Asked(); asked[0].(client.Up).Profile != "0f1e" || asked[1] != "down" {
		t.Errorf("the service was asked %v", asked)
	}
}
