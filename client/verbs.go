package client

import "time"

// Profile is a stored profile as the list shows it.
type Profile struct {
	Name     string     `json:"name"`
	UUID     string     `json:"uuid"`
	Serial   uint64     `json:"serial"`
	Gateway  string     `json:"gateway"`
	Issuer   string     `json:"issuer,omitempty"`
	Support  string     `json:"support,omitempty"`
	Signer   string     `json:"signer,omitempty"` // fingerprint; empty: not signed
	Expires  *time.Time `json:"expires,omitempty"`
	Security string     `json:"security"` // standard or legacy
	ReadOnly bool       `json:"read_only"`
	// Last says that this one is meant when no name is given.
	Last bool `json:"last"`
}

// Import is a profile to be stored: either EXP and Key, or Plain.
type Import struct {
	EXP   []byte `json:"exp,omitempty"`   // the whole .EXP file
	Key   []byte `json:"key,omitempty"`   // 32 octets, from the passphrase
	Plain []byte `json:"plain,omitempty"` // a Profile as TOML, with its secrets

	PSK    []byte `json:"psk,omitempty"`    // for a profile that does not hold its own
	Name   string `json:"name,omitempty"`   // instead of the profile's own
	Source string `json:"source,omitempty"` // what a Plain was read from: its format

	// DryRun asks for the Plan and stores nothing.
	DryRun bool `json:"dry_run,omitempty"`
	// Accept are the consents that the user has given.
	Accept []Consent `json:"accept,omitempty"`
}

// Consent is a thing that the user must have agreed to before a profile is
// stored.
type Consent string

// The consents.
const (
	ConsentNew           Consent = "new-profile"    // a profile that was not there
	ConsentUpdate        Consent = "update"         // a profile that replaces an older serial of itself
	ConsentFirstSigner   Consent = "first-signer"   // a signer seen for the first time is trusted from now on
	ConsentChangedSigner Consent = "changed-signer" // a known issuer's files come from another signer
	ConsentLegacy        Consent = "legacy"         // DES, MD5 or group 1
)

// Plan is what storing a profile means.
type Plan struct {
	Name     string  `json:"name"`
	UUID     string  `json:"uuid"`
	Serial   uint64  `json:"serial"`
	Replaces *uint64 `json:"replaces,omitempty"` // the serial of the stored one
	Signer   string  `json:"signer,omitempty"`   // fingerprint; empty: not signed
	// OldSigner is the issuer's signer so far, when the profile needs
	// ConsentChangedSigner.
	OldSigner string    `json:"old_signer,omitempty"`
	Needs     []Consent `json:"needs"`
	Stored    bool      `json:"stored"`
}

// Up asks for a connection.
type Up struct {
	Profile  string `json:"profile,omitempty"` // name or UUID; empty: the only or last one
	User     string `json:"user,omitempty"`    // answers to what the gateway may ask
	Password []byte `json:"password,omitempty"`
	PSK      []byte `json:"psk,omitempty"` // for a profile that asks for it
}

// Answer is the user's answer to a Prompt.
type Answer struct {
	ID    int    `json:"id"`
	Value []byte `json:"value"`
}

// LogOptions says which part of the log is wanted, and how.
type LogOptions struct {
	Lines  int  // only the last so many; 0: all that is kept
	Follow bool // then whatever comes, until the context ends
	JSON   bool // JSON Lines instead of text
	Redact bool // placeholders for user names and addresses
}
