package gui

import (
	"slices"
	"strings"

	"muvpn/assets"
	"muvpn/client"
)

// Option is a value of a setting, and what it is called.
type Option struct{ Label, Value string }

// SettingRow is a setting as it is shown.
type SettingRow struct {
	Key     string
	Title   string
	Meaning string
	// On and Off are the values of one that is switched on and off; both empty:
	// it is one of Options.
	On, Off string
	Options []Option
	Value   string
	Why     string // why it cannot be changed; empty: it can
}

// serviceRows are the settings of a profile. What its administrator has decided,
// or the computer's, is shown, and not offered.
func serviceRows(list []client.Setting, p client.Profile, w Words) []SettingRow {
	with := map[string]any{"Profile": p.Name}
	var rows []SettingRow
	for _, s := range list {
		r := SettingRow{Key: s.Key, Title: s.Key, Meaning: w(s.Meaning), Value: s.Value}
		switch s.Key {
		case client.SetConnect:
			r.Title, r.Meaning = w("When to connect"), w("Only when you say so, or also when somebody logs in at this computer.")
			r.Options = options(s, connectLabels(s, w))
			if !s.Own {
				r.Value = client.AsProfile
			}
			if p.ReadOnly {
				r.Why = w("{{.Profile}} is read-only: only an administrator may set when it connects.", with)
			}
		case client.SetKillSwitch:
			r.Title, r.Meaning = w("Kill switch"), w("Nothing leaves this computer but through the tunnel, from the first connection until you press Unblock.")
			r.On, r.Off = "on", "off"
			switch {
			case s.Policy:
				r.Why = w("The policy of this computer demands it.")
			case s.Value == r.On && !s.Own:
				r.Why = w("{{.Profile}} demands it.", with)
			}
		case client.SetLocalNetwork:
			r.Title, r.Meaning = w("Local network"), w("Printers and other computers of the network you are in stay within reach while you are connected.")
			r.On, r.Off = "allow", "block"
			if s.Value == r.Off && !s.Own {
				r.Why = w("{{.Profile}} does not allow it.", with)
			}
		default:
			r.Options = options(s, nil)
		}
		rows = append(rows, r)
	}
	return rows
}

// connectLabels are the values of when to connect. What the profile says is
// known only while it counts.
func connectLabels(s client.Setting, w Words) map[string]string {
	labels := map[string]string{
		"manual": w("Only when I press Connect"), "at-login": w("When somebody logs in"), "on-demand": w("When something needs the office"),
		client.AsProfile: w("As the profile says"),
	}
	if now, ok := labels[s.Value]; ok && !s.Own {
		labels[client.AsProfile] += ": " + now
	}
	return labels
}

// options are the values of a setting by name; what has none is called what it is.
func options(s client.Setting, labels map[string]string) []Option {
	var list []Option
	for _, v := range s.Values {
		label, ok := labels[v]
		if !ok {
			label = v
		}
		list = append(list, Option{label, v})
	}
	return list
}

// ownRows are the user's own settings; languages are those that there are.
func ownRows(list []client.Setting, languages []Option, w Words) []SettingRow {
	var rows []SettingRow
	for _, s := range list {
		r := SettingRow{Key: s.Key, Title: s.Key, Meaning: w(s.Meaning), Value: s.Value}
		switch s.Key {
		case client.SetTheme:
			r.Title, r.Meaning = w("Appearance"), w("How the windows look.")
			r.Options = options(s, map[string]string{"system": w("As the system"), "light": w("Light"), "dark": w("Dark")})
		case client.SetLanguage:
			r.Title, r.Meaning = w("Language"), w("Of the windows, after the next start.")
			r.Options = append([]Option{{w("As the system"), "system"}}, languages...)
			if !slices.ContainsFunc(r.Options, func(o Option) bool { return o.Value == s.Value }) {
				r.Options = append(r.Options, Option{s.Value, s.Value}) // muvpn set takes any
			}
		case client.SetTray:
			r.Title, r.On, r.Off = w("Icon in the tray"), "on", "off"
			r.Meaning = w("It shows the state while this window is closed. From the next start on.")
		case client.SetClosing:
			r.Title, r.On, r.Off = w("Ask before closing"), "ask", "stay"
			r.Meaning = w("When this window is closed while connected and there is no icon in a tray.")
		default:
			r.Options = options(s, nil)
		}
		rows = append(rows, r)
	}
	return rows
}

// languageNames are what languages call themselves.
var languageNames = map[string]string{"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ja": "日本語"}

// languages are those of assets.
func languages() []Option {
	files, _ := assets.Words.ReadDir("words")
	var list []Option
	for _, f := range files {
		tag := strings.TrimSuffix(f.Name(), ".json")
		name, ok := languageNames[tag]
		if !ok {
			name = tag
		}
		list = append(list, Option{name, tag})
	}
	return list
}
