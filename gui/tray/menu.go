package tray

import (
	"slices"

	"muvpn/client"
)

// Words translates a text; data fills its template, as Fyne's lang.L does.
type Words func(text string, data ...any) string

// Seen is all that is known at one moment.
type Seen struct {
	Absent   error // why the service cannot be asked; nil: it can
	Status   client.Status
	Profiles []client.Profile
	Used     []string // UUIDs of the profiles that were in use, the latest first
	Alone    bool     // there is no window that could be opened
}

// Deed is what an item of the menu stands for. None cannot be chosen.
type Deed string

// The deeds.
const (
	None       Deed = ""
	Connect    Deed = "connect"
	Disconnect Deed = "disconnect"
	Open       Deed = "open" // the window
	Quit       Deed = "quit" // the tray and the window; the connection stays
)

// Item is a line of the menu. One without a label is not there.
type Item struct {
	Label   string
	Deed    Deed
	Profile string // UUID, for Connect
}

// Items is the menu.
type Items struct {
	State  Item            // says how things are
	Main   Item            // connects the last profile, or ends the connection
	Recent [maxRecent]Item // other profiles, to connect to instead
	More   Item            // there are profiles beside these
	Open   Item
	Quit   Item
}

// maxRecent is how many other profiles stand in the menu.
const maxRecent = 5

// Menu is the menu for what is seen.
func Menu(s Seen, w Words) Items {
	m := Items{State: Item{Label: Tooltip(s, w)}, Main: button(s, w), Quit: Item{Label: w("Quit"), Deed: Quit}}
	if !s.Alone {
		m.Open = Item{Label: w("Open muvpn"), Deed: Open}
	}
	if s.Absent != nil {
		return m
	}
	if active(s.Status.State) {
		m.Quit.Label = w("Quit and stay connected")
	}
	list := others(s, m.Main)
	for i, p := range list[:min(len(list), maxRecent)] {
		m.Recent[i] = Item{Label: w("Connect {{.Profile}}", named(p.Name)), Deed: Connect, Profile: p.UUID}
	}
	if len(list) > maxRecent && !s.Alone {
		m.More = Item{Label: w("More profiles…"), Deed: Open}
	}
	return m
}

// others are the profiles that neither the button nor the connection is about.
func others(s Seen, button Item) []client.Profile {
	return slices.DeleteFunc(recent(s), func(p client.Profile) bool {
		return p.UUID == button.Profile || active(s.Status.State) && p.UUID == s.Status.UUID
	})
}

// button is what the first item does now.
func button(s Seen, w Words) Item {
	switch st := s.Status.State; {
	case s.Absent != nil || st == "":
		return Item{Label: w("Connect")}
	case st == client.Connected || st == client.Reconnecting:
		return Item{Label: w("Disconnect {{.Profile}}", named(s.Status.Profile)), Deed: Disconnect}
	case st == client.Disconnecting:
		return Item{Label: w("Disconnect")}
	case active(st):
		return Item{Label: w("Cancel"), Deed: Disconnect}
	case s.Status.OnDemand:
		return Item{Label: w("Stop waiting"), Deed: Disconnect}
	case len(s.Profiles) == 0 && s.Alone:
		return Item{Label: w("Connect")}
	case len(s.Profiles) == 0:
		return Item{Label: w("Import a profile…"), Deed: Open}
	}
	last := recent(s)[0]
	return Item{Label: w("Connect {{.Profile}}", named(last.Name)), Deed: Connect, Profile: last.UUID}
}

// recent are the profiles, those used last first, then in the service's order.
func recent(s Seen) []client.Profile {
	rank := func(p client.Profile) int {
		if i := slices.Index(s.Used, p.UUID); i >= 0 {
			return i
		}
		if p.Last {
			return len(s.Used)
		}
		return len(s.Used) + 1
	}
	list := slices.Clone(s.Profiles)
	slices.SortStableFunc(list, func(a, b client.Profile) int { return rank(a) - rank(b) })
	return list
}

// use notes that a profile is in use.
func use(used []string, uuid string) []string {
	if uuid == "" || len(used) > 0 && used[0] == uuid {
		return used
	}
	rest := slices.DeleteFunc(slices.Clone(used), func(u string) bool { return u == uuid })
	rest = append([]string{uuid}, rest...)
	return rest[:min(len(rest), maxRecent)]
}

// active says that there is a connection, or one is being made or ended.
func active(s client.State) bool {
	return s != client.Disconnected && s != client.Failed && s != ""
}

// Tooltip says in words what the icon says by its shape.
func Tooltip(s Seen, w Words) string {
	if s.Absent != nil {
		return w("The muvpn service cannot be asked.")
	}
	with := named(s.Status.Profile)
	switch s.Status.State {
	case "":
		return w("Asking the muvpn service…")
	case client.Resolving, client.Contacting, client.Authenticating, client.Configuring:
		if s.Status.Prompt != nil {
			return w("Waiting for your answer: {{.Profile}}", with)
		}
		return w("Connecting: {{.Profile}}", with)
	case client.Connected:
		return w("Connected: {{.Profile}}", with)
	case client.Reconnecting:
		return w("Lost, reconnecting: {{.Profile}}", with)
	case client.Disconnecting:
		return w("Disconnecting: {{.Profile}}", with)
	case client.Failed:
		return w("Not connected: {{.Profile}}", with)
	}
	if s.Status.OnDemand {
		return w("Connects by itself when needed: {{.Profile}}", with)
	}
	switch s.Status.KillSwitch {
	case client.KillSwitchBlocking:
		return w("Disconnected: the kill switch blocks everything")
	case client.KillSwitchUnset:
		return w("Disconnected: the kill switch could NOT be set")
	}
	return w("Disconnected")
}

func named(profile string) map[string]any { return map[string]any{"Profile": profile} }

// list is the menu from top to bottom.
func (m Items) list() []Item {
	return slices.Concat([]Item{m.State, m.Main}, m.Recent[:], []Item{m.More, m.Open, m.Quit})
}
