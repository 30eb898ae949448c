package gui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
)

// picked is the profile that the window is about; false: there is none.
func (w *Window) picked() (client.Profile, bool) {
	uuid := choice(w.seen)
	for _, p := range w.seen.Profiles {
		if p.UUID == uuid {
			return p, true
		}
	}
	return client.Profile{}, false
}

// showProfile shows the profile as the service tells it: without its secrets.
func (w *Window) showProfile() {
	p, ok := w.picked()
	if !ok {
		return
	}
	w.ask(func(ctx context.Context, c *client.Client) error {
		text, err := c.Show(ctx, p.UUID)
		if err == nil {
			w.post(func() { w.showText(p.Name, text, w.window) })
		}
		return err
	})
}

// removeProfile asks whether the profile is to go, and has the service remove it.
// Enter keeps it: what was asked is only done by its own button.
func (w *Window) removeProfile() {
	p, ok := w.picked()
	if !ok {
		return
	}
	s := newSheet(w.window)
	s.enter = s.close
	keep := newKeyButton(&s.keys, w.words("Keep"), s.close)
	remove := newKeyButton(&s.keys, w.words("Remove"), func() {
		s.close()
		w.remove(p)
	})
	remove.Importance = widget.DangerImportance
	text := wrapped(w.words("{{.Profile}} and its keys will be removed from this computer. To use it again you need the file and its passphrase.", map[string]any{"Profile": p.Name}))
	s.show(w.window, w.words("Remove {{.Profile}}?", map[string]any{"Profile": p.Name}), text, fyne.NewSize(460, 180), keep, keep, remove)
}

// remove removes a profile. One that is read-only the service keeps, and says so.
func (w *Window) remove(p client.Profile) {
	w.ask(func(ctx context.Context, c *client.Client) error {
		if err := c.Remove(ctx, p.UUID); err != nil {
			return err
		}
		w.post(w.reload)
		return nil
	})
}

// about says what is running here.
func (w *Window) about() {
	s := newSheet(w.window)
	s.enter = s.close
	table := newFactTable()
	table.paint(present([]Fact{
		{w.words("Program"), "muvpn-gui " + client.Build()}, {w.words("Service"), w.serviceName()},
		{w.words("Licence"), w.words("MIT: use it, change it and pass it on, without any warranty.")},
	}))
	ok := newKeyButton(&s.keys, w.words("Close"), s.close).high()
	s.show(w.window, "Mobile User VPN", table.grid, fyne.NewSize(480, 240), ok, ok)
}

// serviceName is the service with its version, and whether it is of our release.
func (w *Window) serviceName() string {
	if w.client == nil {
		return w.words("It cannot be asked.")
	}
	h := w.client.Hello()
	name := fmt.Sprintf("%s %s", h.Program, h.Version)
	if h.Version != client.Build() {
		name += "\n" + w.words("It is of another release than this window: install both from the same.")
	}
	return name
}
