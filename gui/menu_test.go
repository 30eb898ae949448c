package gui

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/client/reason"
)

func stored(*clienttest.Service) {}

func TestMenuEntries(t *testing.T) {
	off := func(s Seen) (list []Act) {
		for _, e := range menu(s, english) {
			if e.Off {
				list = append(list, e.Act)
			}
		}
		return list
	}
	some := []client.Profile{office}
	for name, c := range map[string]struct {
		seen Seen
		want string
	}{
		"usual":       {Seen{Profiles: some}, ""},
		"no profile":  {Seen{}, "diagnose show-profile remove-profile"},
		"no service":  {Seen{Profiles: some, Absent: errors.New("x")}, "send-log show-profile remove-profile"},
		"none at all": {Seen{Absent: errors.New("x")}, "send-log show-profile remove-profile"}, // the diagnosis says that it is away
	} {
		var got []string
		for _, a := range off(c.seen) {
			got = append(got, string(a))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: off are %q, want %q", name, s, c.want)
		}
	}
}

func TestMenu(t *testing.T) {
	inBoth(t, "menu", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, stored)
		d.openMenuByKey()
		return d.window
	})
}

// openMenuByKey comes to the button of the menu by Tab and presses it.
func (d *desk) openMenuByKey() {
	d.t.Helper()
	tabTo(d.t, d.window, "")
	key(d.window, fyne.KeyReturn)
}

// The arrows choose in the menu, Enter takes and Escape leaves.
func TestMenuByKeyboard(t *testing.T) {
	d := atDesk(t, alone(t), stored)
	d.openMenuByKey()
	key(d.window, fyne.KeyEscape)
	if d.window.Canvas().Overlays().Top() != nil {
		t.Fatal("Escape does not close the menu")
	}
	d.openMenuByKey()
	key(d.window, fyne.KeyDown)
	key(d.window, fyne.KeyReturn)
	if d.log == nil {
		t.Error("the first entry opens no log")
	}
}

// What the window shows is copied as a whole: no text in it takes the focus.
func TestDetailsCopied(t *testing.T) {
	d := atDesk(t, alone(t), func(s *clienttest.Service) { s.Say(connected()) })
	ctrl(d.hot, fyne.KeyC)
	for _, want := range []string{"Connected\n", "Virtual IP: 192.168.10.201\n", "Broken: "} {
		if !strings.Contains(d.app.Clipboard().Content(), want) {
			t.Errorf("what is copied has no %q", want)
		}
	}
	d.service.Say(failed())
	d.until("it has failed", func() bool { return d.view.Failure != nil })
	ctrl(d.hot, fyne.KeyC)
	if want := "PSK_WRONG The pre-shared key of the profile is not the gateway's.\nat the gateway\n"; !strings.Contains(d.app.Clipboard().Content(), want) {
		t.Errorf("copied is %q", d.app.Clipboard().Content())
	}
}

// What is open over the window is not covered by a shortcut.
func TestShortcutsUnderADialog(t *testing.T) {
	d := atDesk(t, alone(t), stored)
	d.about()
	ctrl(d.hot, fyne.KeyL)
	if d.log != nil {
		t.Error("a shortcut works under a dialog")
	}
}

func TestAbout(t *testing.T) {
	ready(t)
	inBoth(t, "about", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, stored)
		d.about()
		return d.window
	})
}

func TestProfileShown(t *testing.T) {
	inBoth(t, "profile", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, func(s *clienttest.Service) {
			s.TOML = "version = 1\n\n[meta]\nname = \"Office\"\nuuid = \"0f1e\"\n\n[gateway]\naddress = \"firebox.example.com\"\n\n[identity]\nlocal = \"lisa\"\npsk = \"[redacted]\"\n"
		})
		ctrl(d.hot, fyne.KeyI)
		d.until("the profile is shown", func() bool { return d.window.Canvas().Overlays().Top() != nil })
		return d.window
	})
}

func TestProfileRemoval(t *testing.T) {
	inBoth(t, "remove", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, stored)
		d.removeProfile()
		return d.window
	})
}

// Enter keeps a profile; its own button removes it, if the service does.
func TestProfileRemoved(t *testing.T) {
	d := atDesk(t, alone(t), stored)
	d.removeProfile()
	key(d.window, fyne.KeyReturn)
	if n := len(d.service.Asked()); n != 0 || d.window.Canvas().Overlays().Top() != nil {
		t.Fatalf("Enter does not keep it: the service was asked %d times", n)
	}
	d.service.Fail("remove", &client.Refusal{Kind: client.NotAllowed, Text: "Office is read-only: only an administrator may remove it"})
	d.removeProfile()
	tabTo(t, d.window, "Remove")
	key(d.window, fyne.KeyReturn)
	d.until("it is refused", func() bool { return says(d.window, "Office is read-only: only an administrator may remove it") })
	key(d.window, fyne.KeyEscape)
	d.service.Fail("remove", nil)
	d.service.Stored = d.service.Stored[1:]
	d.removeProfile()
	tabTo(t, d.window, "Remove")
	key(d.window, fyne.KeyReturn)
	d.until("it is gone", func() bool { return len(d.seen.Profiles) == 1 })
	if asked := d.service.Asked(); asked[len(asked)-1] != "remove 0f1e" {
		t.Errorf("the service was asked %v", asked)
	}
}

// found is a diagnosis with every verdict.
func found() client.Diagnosis {
	return client.Diagnosis{Profile: "Office", Checks: []client.Check{
		{Name: "profile", Verdict: client.Good, Text: "Office is valid until 2027-01-31"},
		{Name: "name", Verdict: client.Good, Text: "firebox.example.com is 198.51.100.1"},
		{Name: "clock", Verdict: client.Doubt, Text: "this computer's clock may be wrong: it is 4 minutes off that of the name server"},
		{Name: "udp-500", Verdict: client.Wrong, Text: "no answer from 198.51.100.1 within five seconds", Reason: &reason.Reason{Code: reason.NoReply, Side: reason.Network}},
		{Name: "mtu", Verdict: client.Skipped, Text: "nothing came back that could be measured"},
	}}
}

func TestDiagnosis(t *testing.T) {
	ready(t)
	inBoth(t, "diagnosis", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, func(s *clienttest.Service) { s.Found = found() })
		ctrl(d.hot, fyne.KeyD)
		if !says(d.window, "Looking at everything that a connection needs. This takes up to twenty seconds, and changes nothing.") {
			t.Error("it does not say that it looks")
		}
		d.until("it was found", func() bool { return says(d.window, "udp-500") })
		return d.window
	})
}

func TestDiagnosisCopied(t *testing.T) {
	d := atDesk(t, alone(t), func(s *clienttest.Service) { s.Found = found() })
	ctrl(d.hot, fyne.KeyD)
	d.until("it was found", func() bool { return says(d.window, "udp-500") })
	tabTo(t, d.window, "Copy")
	key(d.window, fyne.KeyReturn)
	for _, want := range []string{"udp-500 (wrong): No answer from", "clock (look at this): ", "mtu (not looked at): ", "Something is wrong."} {
		if !strings.Contains(d.app.Clipboard().Content(), want) {
			t.Errorf("what is copied has no %q", want)
		}
	}
}

func TestDiagnosisRefused(t *testing.T) {
	d := atDesk(t, alone(t), stored)
	d.service.Fail("diagnose", &client.Refusal{Kind: client.Busy, Text: "another diagnosis is under way"})
	ctrl(d.hot, fyne.KeyD)
	d.until("it says so", func() bool {
		return says(d.window, "Somebody else is looking right now. Try again in twenty seconds.")
	})
}

// That the service is away is found, too.
func TestDiagnosisWithoutAService(t *testing.T) {
	inBoth(t, "diagnosis-noservice", func(t *testing.T, a fyne.App) fyne.Window {
		d := atDesk(t, a, nil)
		d.see(func(s *Seen) {
			s.Asked, s.Absent = true, &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client, Seen: "no service listens at /run/muvpn/muvpnd.sock"}
		})
		ctrl(d.hot, fyne.KeyD)
		return d.window
	})
}

// Closed while it looks, the diagnosis says nothing more.
func TestDiagnosisClosed(t *testing.T) {
	d := atDesk(t, alone(t), stored)
	ctrl(d.hot, fyne.KeyD)
	key(d.window, fyne.KeyEscape)
	d.answered()
	if d.window.Canvas().Overlays().Top() != nil {
		t.Error("it is open again")
	}
	d.window.Canvas().FocusNext()
}
