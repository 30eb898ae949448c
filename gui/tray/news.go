package tray

import (
	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
)

// News is a notification.
type News struct {
	Title, Text string
	Urgent      bool // it stays until it was seen
}

// Next is what there is to tell when the service says now after it said before;
// nil: nothing, as when the user has disconnected, or nothing has changed that
// matters. A before without a state is that of a program which has just begun: it
// tells of a question that waits, and of nothing that was so already.
func Next(before, now client.Status, w Words) *News {
	with := named(now.Profile)
	switch {
	case asked(before, now):
		return &News{w("{{.Profile}} waits for your answer", with), now.Prompt.Text, true}
	case before.State == "" || before.State == now.State:
		return nil
	case now.State == client.Connected && before.State == client.Reconnecting:
		return &News{Title: w("Connected again: {{.Profile}}", with)}
	case now.State == client.Connected:
		return &News{Title: w("Connected: {{.Profile}}", with)}
	case now.State == client.Reconnecting:
		return &News{w("Connection lost: {{.Profile}}", with), w("It comes back by itself."), true}
	case now.State == client.Failed:
		return failed(now, w)
	case now.State == client.Disconnected && now.Ended != nil:
		text, data := explain.Ended(now.Ended)
		return &News{w("Disconnected: {{.Profile}}", named(before.Profile)), w(text, data) + ".", true}
	}
	return nil
}

// Gone is what there is to tell when the service cannot be asked any more.
func Gone(before client.Status, w Words) *News {
	if !active(before.State) {
		return nil
	}
	return &News{w("The muvpn service has ended"), w("{{.Profile}} is no longer connected.", named(before.Profile)), true}
}

// asked says that a question has come up.
func asked(before, now client.Status) bool {
	return now.Prompt != nil && (before.Prompt == nil || before.Prompt.ID != now.Prompt.ID)
}

// failed is why there is no connection and what to do about it. What the user has
// stopped has not failed.
func failed(now client.Status, w Words) *News {
	r := now.Failure()
	if r == nil || r.Code == reason.Cancelled {
		return nil
	}
	a := explain.Of(r)
	text := w(a.What)
	if a.User != "" {
		text += " " + w(a.User)
	}
	return &News{w("Not connected: {{.Profile}}", named(now.Profile)), text, true}
}
