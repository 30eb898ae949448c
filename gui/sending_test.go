package gui

import (
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/client/mail"
	"muvpn/client/reason"
)

// failedAttempt is a service whose last attempt failed.
func failedAttempt(s *clienttest.Service) {
	attempt(s)
	s.Say(failed())
}

// shown waits until the message is shown.
func (d *desk) message(over fyne.Window) {
	d.t.Helper()
	d.until("the message is shown", func() bool { return says(over, "Subject") })
}

// ready is the program as every picture has it, whatever it was built from.
func ready(t *testing.T) {
	old := client.Version
	client.Version = "v1.2.3"
	t.Cleanup(func() { client.Version = old })
}

func TestSending(t *testing.T) {
	ready(t)
	inBoth(t, "sending", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, failedAttempt)
		ctrl(d.hot, fyne.KeyE)
		d.message(d.window)
		return d.window
	})
}

// Where the profile names a telephone number, the user is asked for an address.
func TestSendingToNobody(t *testing.T) {
	ready(t)
	inBoth(t, "sending-to-nobody", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, func(s *clienttest.Service) {
			failedAttempt(s)
			s.Stored[0].Support = "+49 30 1234567"
		})
		ctrl(d.hot, fyne.KeyE)
		d.message(d.window)
		return d.window
	})
}

func TestAttachmentLookedAt(t *testing.T) {
	inBoth(t, "attachment", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, failedAttempt)
		ctrl(d.hot, fyne.KeyE)
		d.message(d.window)
		tabTo(t, d.window, "Look at it")
		key(d.window, fyne.KeyReturn)
		return d.window
	})
}

// opener is a mail program that fails with err; it tells what it was given.
func opener(d *desk, err error) (given func() string) {
	path := ""
	folder := d.t.TempDir()
	d.saveIn = func() string { return folder }
	opened := make(chan string, 1)
	d.openMail = func(p string, _ *mail.Report) error {
		opened <- p
		return err
	}
	return func() string {
		if path == "" {
			path = <-opened
		}
		return path
	}
}

// From the failure to the mail program with the keyboard alone: the message is
// shown first, and what was shown is what goes.
func TestSendingByKeyboard(t *testing.T) {
	d := atDesk(t, alone(t), failedAttempt)
	given := opener(d, nil)
	tabTo(t, d.window, "Send log to support…")
	key(d.window, fyne.KeyReturn)
	d.message(d.window)
	for _, text := range []string{"helpdesk@example.com", "muvpn: Office: PSK_WRONG"} {
		if !says(d.window, text) {
			t.Errorf("it does not say %q", text)
		}
	}
	d.service.Write(jsonLine(40, "info", "LATER", "written after the message was shown"))
	key(d.window, fyne.KeyReturn)
	wantOwn(t, given(), "To: <helpdesk@example.com>", "Subject: muvpn: Office: PSK_WRONG", "X-Unsent: 1")
	if strings.Contains(saidIn(t, given()), "written after") {
		t.Error("what goes is not what was shown")
	}
	told := "It is in your mail program now: read it, and send it from there. This file can be deleted afterwards:\n" + given()
	d.until("it says that the message is open", func() bool { return says(d.window, told) })
	key(d.window, fyne.KeyEscape)
	if d.window.Canvas().Overlays().Top() != nil {
		t.Error("Escape closes nothing")
	}
}

// Without a mail program the file is there, and the window says where.
func TestSendingWithoutAMailProgram(t *testing.T) {
	d := atDesk(t, alone(t), failedAttempt)
	given := opener(d, mail.ErrNoProgram)
	ctrl(d.hot, fyne.KeyE)
	d.message(d.window)
	key(d.window, fyne.KeyReturn)
	wantOwn(t, given(), "X-Unsent: 1")
	told := "No mail program was found here. Attach this file to a message of your own:\n" + given()
	d.until("it says where the file is", func() bool { return says(d.window, told) })
}

func TestSendingRedacted(t *testing.T) {
	d := atDesk(t, alone(t), failedAttempt)
	ctrl(d.hot, fyne.KeyE)
	d.message(d.window)
	tabTo(t, d.window, "Hide user names and inner addresses")
	d.window.Canvas().Focused().TypedRune(' ')
	if says(d.window, "Subject") {
		t.Error("the message with names is still shown")
	}
	d.message(d.window)
	asked := d.service.Asked()
	if want := (client.LogOptions{JSON: true, Redact: true}); asked[len(asked)-1] != want {
		t.Errorf("the service was asked for %+v, want %+v", asked[len(asked)-1], want)
	}
}

// What was typed as an address is the message's, if it is one.
func TestSendingToWhomTheUserNames(t *testing.T) {
	d := atDesk(t, alone(t), func(s *clienttest.Service) {
		failedAttempt(s)
		s.Stored[0].Support = ""
	})
	given := opener(d, nil)
	ctrl(d.hot, fyne.KeyE)
	d.message(d.window)
	for range 20 {
		if f, ok := d.window.Canvas().Focused().(*field); ok {
			test.Type(f, "nobody")
			break
		}
		d.window.Canvas().FocusNext()
	}
	key(d.window, fyne.KeyReturn)
	if !strings.Contains(strings.Join(texts(d.window), "\n"), "is not an e-mail address") {
		t.Fatalf("it takes what is no address: %v", texts(d.window))
	}
	key(d.window, fyne.KeyEscape)
	test.Type(d.window.Canvas().Focused(), "@example.net")
	key(d.window, fyne.KeyReturn)
	wantOwn(t, given(), "To: <nobody@example.net>")
}

func TestSendingSaved(t *testing.T) {
	d := atLog(t, alone(t), 9, failedAttempt)
	var path func() string
	d.pick, path = saved(t)
	tabTo(t, d.log.window, "Send log to support…")
	key(d.log.window, fyne.KeyReturn)
	d.message(d.log.window)
	tabTo(t, d.log.window, "Save as file…")
	key(d.log.window, fyne.KeyReturn)
	wantOwn(t, path(), "X-Unsent: 1")
	if filepath.Base(path()) != "muvpn-Office-20261126-120000.eml" {
		t.Errorf("the file is called %s", path())
	}
	if !says(d.log.window, "The message is saved. Attach this file to a message of your own:\n"+path()) {
		t.Error("it does not say where the file is")
	}
}

// A service that refuses closes the message and says why.
func TestSendingRefused(t *testing.T) {
	d := atDesk(t, alone(t), failedAttempt)
	d.service.Fail("log", &client.Refusal{Kind: client.NotAllowed, Text: "the log is not yours"})
	ctrl(d.hot, fyne.KeyE)
	d.until("it says why", func() bool { return strings.Contains(strings.Join(texts(d.window), "\n"), "The log is not yours") })
}

// Where there is no service there is no log to send, and no button for it.
func TestFailureWithoutAService(t *testing.T) {
	v := Look(Seen{Asked: true, Absent: &reason.Reason{Code: reason.NoPrivilege}, Now: noon}, english)
	if v.Failure.Log {
		t.Error("it offers a log that cannot be had")
	}
	v = Look(Seen{Asked: true, Status: failed(), Now: noon}, english)
	if !v.Failure.Log {
		t.Error("it offers no log")
	}
}
