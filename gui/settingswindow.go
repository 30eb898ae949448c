package gui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"muvpn/client"
)

// Autostart is the user's wish that the window starts when he logs in, kept by
// the desktop.
type Autostart interface {
	StartsAtLogin() (bool, error)
	StartAtLogin(bool) error
}

// SetAutostart tells the window of the desktop's autostart. Without it the
// settings have no such row.
func (w *Window) SetAutostart(a Autostart) { w.autostart = a }

// startKey is the row of Autostart among the settings.
const startKey = "start-at-login"

// settingsWindow shows the settings, and changes each the moment it is changed.
// It belongs to Fyne's goroutine.
type settingsWindow struct {
	keys
	main    *Window
	window  fyne.Window
	profile client.Profile // whose settings are shown; zero: there is none

	all     *fyne.Container
	service *settingGroup
	own     *settingGroup
}

// layOut gives everything its place anew. A text that wraps knows its height only
// when it has its width.
func (s *settingsWindow) layOut() {
	for range 2 {
		s.service.box.Refresh()
		s.own.box.Refresh()
		s.all.Refresh()
	}
}

// openSettings shows the settings in a window of their own, the one that is there
// if it is.
func (w *Window) openSettings() {
	if w.settings == nil {
		w.settings = newSettingsWindow(w)
		w.settings.load()
	}
	w.settings.window.Show()
	w.settings.window.RequestFocus()
}

func newSettingsWindow(w *Window) *settingsWindow {
	s := &settingsWindow{main: w, window: w.app.NewWindow(w.words("Settings"))}
	s.escape, s.hot = s.window.Close, &hotkeys{canvas: s.window.Canvas()}
	s.profile, _ = w.picked()
	s.service = newSettingGroup(s, w.words("What you change here counts from the next connection on."), s.setService)
	s.own = newSettingGroup(s, "", s.setOwn)
	s.all = container.NewVBox(s.head(), s.service.box, widget.NewSeparator(), s.title(w.words("This window")), s.own.box)
	s.window.SetContent(s.scrolled(container.NewPadded(s.all)))
	s.window.Canvas().SetOnTypedKey(s.rest)
	s.hot.add(withCtrl(fyne.KeyW), s.window.Close)
	s.window.Resize(fyne.NewSize(560, 620))
	s.window.SetOnClosed(func() { w.settings = nil })
	return s
}

// head names the profile whose settings follow; of several one can be chosen.
func (s *settingsWindow) head() fyne.CanvasObject {
	switch len(s.main.seen.Profiles) {
	case 0:
		return s.title(s.main.words("Connection"))
	case 1:
		return s.title(s.profile.Name)
	}
	var names []string
	for _, p := range s.main.seen.Profiles {
		names = append(names, p.Name)
	}
	which := newKeySelect(&s.keys, names, nil)
	which.Selected = s.profile.Name
	which.OnChanged = func(string) {
		s.profile = s.main.seen.Profiles[which.SelectedIndex()]
		s.loadService()
	}
	return container.NewBorder(nil, nil, s.title(s.main.words("Connection")), nil, which)
}

func (s *settingsWindow) title(text string) *widget.Label {
	return widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
}

// load reads all settings.
func (s *settingsWindow) load() {
	s.loadService()
	s.loadOwn()
}

// loadService asks the service for those of the profile.
func (s *settingsWindow) loadService() {
	p, w := s.profile, s.main.words
	switch {
	case s.main.client == nil:
		s.service.say(w("The service cannot be asked."))
		return
	case p.UUID == "":
		s.service.say(w("There is no profile yet."))
		return
	}
	s.asks("", func(ctx context.Context, c *client.Client) ([]client.Setting, error) { return c.Settings(ctx, p.UUID) })
}

// asks asks the service for the settings as they are after a request, and shows
// them. What it refuses is said beside the setting of that key.
func (s *settingsWindow) asks(key string, request func(context.Context, *client.Client) ([]client.Setting, error)) {
	c, p := s.main.client, s.profile
	if c == nil {
		s.service.refuse(key, s.main.words("The service cannot be asked."))
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		list, err := request(ctx, c)
		s.main.post(func() {
			switch {
			case s.profile.UUID != p.UUID: // another was chosen meanwhile
			case err != nil && key == "":
				s.service.say(err.Error())
			case err != nil:
				s.service.refuse(key, err.Error())
			default:
				s.service.paint(serviceRows(list, p, s.main.words))
			}
		})
	}()
}

// setService changes a setting of the profile.
func (s *settingsWindow) setService(key, value string) {
	set := client.Set{Profile: s.profile.UUID, Key: key, Value: value}
	s.asks(key, func(ctx context.Context, c *client.Client) ([]client.Setting, error) { return c.Set(ctx, set) })
}

// loadOwn reads the user's own.
func (s *settingsWindow) loadOwn() {
	w := s.main.words
	list, err := client.Own()
	rows := ownRows(list, languages(), w)
	if start := s.main.autostart; start != nil {
		row := SettingRow{Key: startKey, Title: w("Start at login"), Meaning: w("This program is there from the moment you log in."), On: "on", Off: "off", Value: "off"}
		on, e := start.StartsAtLogin()
		if on {
			row.Value = row.On
		}
		if e != nil {
			row.Why = e.Error()
		}
		rows = append([]SettingRow{row}, rows...)
	}
	s.own.paint(rows)
	if err != nil {
		s.own.refuse(client.SetTheme, err.Error())
	}
}

// setOwn changes one of the user's own. How the windows look changes at once.
func (s *settingsWindow) setOwn(key, value string) {
	var err error
	if key == startKey {
		err = s.main.autostart.StartAtLogin(value == "on")
	} else {
		err = client.SetOwn(key, value)
	}
	if err == nil && key == client.SetTheme {
		s.main.dress(value)
	}
	s.loadOwn()
	if err != nil {
		s.own.refuse(key, err.Error())
	}
}

// dress gives the windows the theme of a setting, at the text size they have.
func (w *Window) dress(variant string) {
	t := NewTheme(variant, 0)
	if now, ok := w.app.Settings().Theme().(*Theme); ok {
		t.Scale = now.Scale
	}
	w.app.Settings().SetTheme(t)
}
