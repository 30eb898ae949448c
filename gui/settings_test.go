package gui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// kept are the settings of a profile: each with its value, and whether the user
// has set it.
func kept(connect, kill, local string, own bool) []client.Setting {
	var list []client.Setting
	for i, v := range []string{connect, kill, local} {
		list = append(list, client.Setting{SettingKind: client.ServiceSettings[i], Value: v, Own: own, Profile: "Office"})
	}
	return list
}

func TestServiceRows(t *testing.T) {
	free, bound := branch, office
	for name, c := range map[string]struct {
		list  []client.Setting
		of    client.Profile
		value [3]string
		why   [3]string
	}{
		"as the profile says": {kept("manual", "off", "allow", false), free, [3]string{"as-profile", "off", "allow"}, [3]string{}},
		"as the user says":    {kept("at-login", "on", "block", true), free, [3]string{"at-login", "on", "block"}, [3]string{}},
		"the profile demands": {kept("at-login", "on", "block", false), free, [3]string{"as-profile", "on", "block"},
			[3]string{"", "Branch demands it.", "Branch does not allow it."}},
		"read-only": {kept("manual", "off", "allow", false), bound, [3]string{"as-profile", "off", "allow"},
			[3]string{"Office is read-only: only an administrator may set when it connects.", "", ""}},
		"connects on demand": {kept("on-demand", "off", "allow", false), free, [3]string{"as-profile", "off", "allow"}, [3]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, r := range serviceRows(c.list, c.of, english) {
				if r.Value != c.value[i] || r.Why != c.why[i] {
					t.Errorf("%s is %q (%q), want %q (%q)", r.Key, r.Value, r.Why, c.value[i], c.why[i])
				}
				if r.Title == r.Key || r.Meaning == "" {
					t.Errorf("%s has no words", r.Key)
				}
			}
		})
	}
	forced := kept("manual", "on", "allow", false)
	forced[1].Policy = true
	if why := serviceRows(forced, free, english)[1].Why; why != "The policy of this computer demands it." {
		t.Errorf("a policy of the computer says %q", why)
	}
	rows := serviceRows(kept("on-demand", "off", "allow", false), free, english)
	if got, want := rows[0].Options[2].Label, "As the profile says: When something needs the office"; got != want {
		t.Errorf("the profile's own value is called %q, want %q", got, want)
	}
}

func TestOwnRows(t *testing.T) {
	list := []client.Setting{{SettingKind: client.OwnSettings[0], Value: "dark", Own: true}, {SettingKind: client.OwnSettings[1], Value: "de-CH", Own: true}}
	rows := ownRows(list, []Option{{"English", "en"}}, english)
	if rows[0].Value != "dark" || len(rows[0].Options) != 3 {
		t.Errorf("the theme is %+v", rows[0])
	}
	if o := rows[1].Options; len(o) != 3 || o[0].Value != "system" || o[1].Value != "en" || o[2].Value != "de-CH" {
		t.Errorf("the languages are %+v: one that was set elsewhere must be among them", o)
	}
}

// desktopLogin is the desktop's autostart.
type desktopLogin struct {
	on    bool
	fault error
}

func (d *desktopLogin) StartsAtLogin() (bool, error) { return d.on, nil }

func (d *desktopLogin) StartAtLogin(on bool) error {
	if d.fault == nil {
		d.on = on
	}
	return d.fault
}

// atSettings is a user at the settings.
func atSettings(t *testing.T, a fyne.App, start Autostart, prepare func(*clienttest.Service)) *desk {
	t.Helper()
	d := atDesk(t, a, prepare)
	if start != nil {
		d.SetAutostart(start)
	}
	ctrl(d.hot, fyne.KeyComma)
	t.Cleanup(func() {
		if d.settings != nil {
			d.settings.window.Close()
		}
	})
	if prepare != nil {
		d.until("the settings are there", func() bool { return len(d.settings.service.shown) > 0 })
	}
	return d
}

// row is a row of the settings.
func (d *desk) row(key string) *settingRow {
	d.t.Helper()
	for _, r := range append(d.settings.service.shown, d.settings.own.shown...) {
		if r.row.Key == key {
			return r
		}
	}
	d.t.Fatalf("there is no setting %s", key)
	return nil
}

func TestSettingsWindow(t *testing.T) {
	inBoth(t, "settings", func(t *testing.T, a fyne.App) fyne.Window {
		d := atSettings(t, a, &desktopLogin{on: true}, func(s *clienttest.Service) { s.Kept = kept("manual", "off", "allow", false) })
		return d.settings.window
	})
}

func TestSettingsForbidden(t *testing.T) {
	inBoth(t, "settings-refused", func(t *testing.T, a fyne.App) fyne.Window {
		d := atSettings(t, a, nil, func(s *clienttest.Service) {
			s.Stored = s.Stored[:1]
			s.Kept = kept("at-login", "on", "allow", false)
		})
		d.service.Fail("set", &client.Refusal{Kind: client.NotAllowed, Text: "Office keeps the local network out of reach: only a new copy of the profile can allow it"})
		d.row(client.SetLocalNetwork).check.SetChecked(false)
		d.until("it is refused", func() bool { return len(d.row(client.SetLocalNetwork).refusal.Objects) > 0 })
		return d.settings.window
	})
}

func TestSettingsWithoutAService(t *testing.T) {
	d := atSettings(t, alone(t), nil, nil)
	if !says(d.settings.window, "The service cannot be asked.") {
		t.Errorf("it says %v", texts(d.settings.window))
	}
	d.row(client.SetTheme) // is the user's own, and there all the same
}

// Each change goes to the service at once, for the profile that was chosen.
func TestSettingsSet(t *testing.T) {
	d := atSettings(t, alone(t), nil, func(s *clienttest.Service) {
		s.Stored = s.Stored[1:]
		s.Kept = kept("manual", "off", "allow", false)
	})
	want := []client.Set{
		{Profile: "1a2b", Key: client.SetKillSwitch, Value: "on"},
		{Profile: "1a2b", Key: client.SetLocalNetwork, Value: "block"},
		{Profile: "1a2b", Key: client.SetConnect, Value: "at-login"},
	}
	changes := []func(){
		func() { d.row(client.SetKillSwitch).check.SetChecked(true) },
		func() { d.row(client.SetLocalNetwork).check.SetChecked(false) },
		func() { d.row(client.SetConnect).choice.SetSelectedIndex(1) },
	}
	for i, change := range changes {
		change()
		d.answered()
		asked := d.service.Asked()
		if asked[len(asked)-1] != want[i] {
			t.Errorf("the service was asked %+v, want %+v", asked[len(asked)-1], want[i])
		}
	}
	if d.row(client.SetKillSwitch).check.Checked {
		t.Error("what the service did not change is shown as if it were")
	}
}

// How the windows look changes at once, and is kept.
func TestSettingsTheme(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(NewTheme("light", 1.5))
	d := atSettings(t, a, nil, nil)
	d.row(client.SetTheme).choice.SetSelectedIndex(2)
	now, ok := a.Settings().Theme().(*Theme)
	if !ok || now.Variant != "dark" || now.Scale != 1.5 {
		t.Errorf("the theme is %+v", now)
	}
	list, err := client.Own()
	if err != nil || list[0].Value != "dark" {
		t.Errorf("kept is %+v, %v", list, err)
	}
}

// Start at login is the desktop's: what it cannot do is said beside it.
func TestSettingsStartAtLogin(t *testing.T) {
	login := &desktopLogin{fault: errors.New("the folder cannot be written")}
	d := atSettings(t, alone(t), login, nil)
	d.row(startKey).check.SetChecked(true)
	if !says(d.settings.window, "the folder cannot be written") || d.row(startKey).check.Checked {
		t.Errorf("it says %v", texts(d.settings.window))
	}
	login.fault = nil
	d.row(startKey).check.SetChecked(true)
	if !login.on || says(d.settings.window, "the folder cannot be written") {
		t.Error("it does not start at login")
	}
}

func TestSettingsByKeyboard(t *testing.T) {
	d := atSettings(t, alone(t), &desktopLogin{}, nil)
	tabTo(t, d.settings.window, "Start at login")
	d.settings.window.Canvas().Focused().TypedRune(' ')
	if on, _ := d.autostart.StartsAtLogin(); !on {
		t.Error("Space sets nothing")
	}
	key(d.settings.window, fyne.KeyEscape)
	if d.settings != nil {
		t.Error("Escape does not close the settings")
	}
}
