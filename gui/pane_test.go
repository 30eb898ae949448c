package gui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// A double-click on Connect connects, and does not end what it has begun: by the
// second click the button says Cancel.
func TestDoubleClickConnects(t *testing.T) {
	now := noon
	d := atDesk(t, alone(t), func(s *clienttest.Service) {
		s.On("up", client.Status{State: client.Contacting, Profile: office.UUID})
	})
	d.now = func() time.Time { return now }
	test.Tap(d.pane.connect)
	d.until("it connects", func() bool { return d.view.Connect.Verb != Connect })
	now = now.Add(doubleClick)
	test.Tap(d.pane.connect)
	now = now.Add(doubleClick + time.Millisecond)
	test.Tap(d.pane.connect)
	d.until("it was asked to stop", func() bool { return len(d.service.Asked()) > 1 })
	if asked := d.service.Asked(); len(asked) != 2 || asked[1] != "down" {
		t.Errorf("asked %v", asked)
	}
}
