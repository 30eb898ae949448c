package profile

import (
	"bytes"
	"fmt"
	"slices"
)

// goodPSK is how many characters a generated key has: shorter ones earn a
// warning.
const goodPSK = 20

// Warnings are what the user should know of a profile that has no fault, one
// sentence each.
func (p Profile) Warnings() []string {
	var out []string
	e := p.Effective()
	if e.Auth.usesPSK() && e.Auth.PSK.Source == "inline" {
		out = append(out, PSKWarnings(e.Auth.PSK.Value)...)
	}
	if p.AggressivePSK() {
		out = append(out, "Aggressive Mode with a shared key: whoever records the connection can guess the key offline.")
	}
	if e.IKE.Version == 1 && e.IKE.Exchange == "main" && e.Auth.usesPSK() && e.Auth.LocalID.Type != "ipv4" {
		out = append(out, "Main Mode with a shared key hides the identity until the key is needed: it works only if the gateway has one key for everybody or knows this computer's address.")
	}
	if p.NeedsLegacy() {
		out = append(out, "The profile allows broken cryptography (DES, MD5 or group 1): what passes through the tunnel can be read by others.")
	}
	if e.IKE.Version == 2 { // who relies on it must hear so before, and not find out
		out = append(out, "This version does not speak IKEv2 yet: the profile can be stored, but not used.")
	}
	return out
}

// PSKWarnings says whether a pre-shared key is weak. It never quotes it.
func PSKWarnings(key Secret) []string {
	b := key.Reveal()
	switch {
	case len(b) == 0:
		return nil
	case len(b) < goodPSK:
		return []string{fmt.Sprintf("The shared key is weak: it has %d characters, %d random ones are recommended.", len(b), goodPSK)}
	case distinct(b) < 8:
		return []string{"The shared key is weak: it repeats a few characters."}
	}
	return nil
}

func distinct(b []byte) int {
	b = bytes.Clone(b)
	slices.Sort(b)
	return len(slices.Compact(b))
}
