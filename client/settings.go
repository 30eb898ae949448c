package client

import "slices"

// The settings that the service keeps, one value for each profile.
const (
	SetConnect      = "connect"
	SetKillSwitch   = "kill-switch"
	SetLocalNetwork = "local-network"
)

// AsProfile is the value that takes a setting back: what the profile says counts
// again.
const AsProfile = "as-profile"

// SettingKind is what can be set.
type SettingKind struct {
	Key     string   `json:"key"`
	Values  []string `json:"values"`
	Meaning string   `json:"meaning"` // a sentence for people
}

// Setting is a setting with the value that counts now.
type Setting struct {
	SettingKind
	Value   string `json:"value"`
	Own     bool   `json:"own"`               // the user has set it; else the profile or the default says so
	Profile string `json:"profile,omitempty"` // for which it is; empty: for the user
	Policy  bool   `json:"policy,omitempty"`  // the policy of this computer demands the value, of every profile
}

// Set asks for one setting of a profile, from the next connection on.
type Set struct {
	Profile string `json:"profile,omitempty"` // name or UUID; empty: the only or last one
	Key     string `json:"key"`
	Value   string `json:"value"`
}

// ServiceSettings are those that the service keeps.
var ServiceSettings = []SettingKind{
	{SetConnect, []string{"manual", "at-login", AsProfile}, "When to connect: by muvpn up only, or also when somebody logs in at this computer."},
	{SetKillSwitch, []string{"on", "off", AsProfile}, "Let nothing leave this computer but through the tunnel, from the first connection until muvpn unblock."},
	{SetLocalNetwork, []string{"allow", "block", AsProfile}, "Whether printers and other computers of the local network stay within reach."},
}

// Settable says that there is such a setting with such a value.
func Settable(kinds []SettingKind, key, value string) bool {
	return slices.ContainsFunc(kinds, func(k SettingKind) bool {
		return k.Key == key && (slices.Contains(k.Values, value) || k.Key == SetLanguage && language(value))
	})
}
