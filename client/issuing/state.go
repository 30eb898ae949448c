package issuing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muvpn/profile"
)

// State is what is remembered of the users from one issue to the next. It holds
// no secret.
type State struct {
	Version int               `json:"version"`
	Site    string            `json:"site,omitempty"` // a UUID, from the first issue on; the Vault has the same
	Users   map[string]Record `json:"users"`          // by name

	// Authority is the fingerprint of the one that has made the certificates.
	Authority string       `json:"authority,omitempty"`
	Gateway   *Certificate `json:"gateway,omitempty"`
	// Replaced are the gateway's old ones that have not ended: all are revoked.
	Replaced []Certificate `json:"replaced,omitempty"`
	List     []byte        `json:"list,omitempty"` // of revoked certificates, the last one, in DER
}

// Record is one user.
type Record struct {
	UUID      string     `json:"uuid"`
	Serial    uint64     `json:"serial"` // of the last issue
	VirtualIP netip.Addr `json:"virtual_ip,omitzero"`
	Issued    time.Time  `json:"issued"`
	// Digest is that of what was issued, but for secrets: another one means
	// that the user needs a new file.
	Digest  string    `json:"digest"`
	Revoked time.Time `json:"revoked,omitzero"`
	// Certificates are those that the user was given and that have not ended,
	// the newest last.
	Certificates []Certificate `json:"certificates,omitempty"`
}

// Certificate is one that was given out.
type Certificate struct {
	Serial  string    `json:"serial"` // hexadecimal
	Until   time.Time `json:"until"`
	Mark    string    `json:"mark"` // of what it says: another one means that a new certificate is needed
	Revoked time.Time `json:"revoked,omitzero"`
}

// revoke marks all of the user's certificates, but those that are so already.
func (r *Record) revoke(at time.Time) {
	r.Certificates = slices.Clone(r.Certificates)
	for i := range r.Certificates {
		if c := &r.Certificates[i]; c.Revoked.IsZero() {
			c.Revoked = at.UTC().Truncate(time.Second)
		}
	}
}

// stateVersion is that of a State without certificates, certifiedVersion of one
// with: a program that knows the first alone would lose them and the list.
const stateVersion, certifiedVersion = 1, 2

// ParseState reads a state; no octets are a new one.
func ParseState(text []byte) (State, error) {
	s := State{Version: stateVersion}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &s); err != nil {
			return State{}, fmt.Errorf("the state of the last issue cannot be read: %w", err)
		}
	}
	if s.Version < stateVersion || s.Version > certifiedVersion {
		return State{}, fmt.Errorf("the state of the last issue has version %d, this program knows %d: use a newer one", s.Version, certifiedVersion)
	}
	if s.Users == nil {
		s.Users = map[string]Record{}
	}
	return s, nil
}

// Text is what ParseState reads.
func (s State) Text() ([]byte, error) {
	if s.Version = stateVersion; s.Authority != "" {
		s.Version = certifiedVersion
	}
	return indented(s)
}

func (s State) clone() State {
	if s.Users = maps.Clone(s.Users); s.Users == nil {
		s.Users = map[string]Record{}
	}
	return s
}

// Revoke marks a user as revoked at now.
func (s *State) Revoke(name string, now time.Time) error {
	r, known := s.Users[name]
	switch {
	case !known:
		return s.unknown(name)
	case !r.Revoked.IsZero():
		return fmt.Errorf("%s was revoked on %s already", name, r.Revoked.Format(time.DateOnly))
	}
	r.revoke(now)
	r.Revoked = now.UTC().Truncate(time.Second)
	s.Users[name] = r
	return nil
}

// Restore takes the mark away. The user is issued a new file, with new secrets,
// the next time.
func (s *State) Restore(name string) error {
	r, known := s.Users[name]
	switch {
	case !known:
		return s.unknown(name)
	case r.Revoked.IsZero():
		return fmt.Errorf("%s is not revoked", name)
	}
	r.Revoked, r.Digest = time.Time{}, ""
	s.Users[name] = r
	return nil
}

func (s State) unknown(name string) error {
	for _, known := range slices.Sorted(maps.Keys(s.Users)) {
		if strings.EqualFold(known, name) {
			return fmt.Errorf("%s was never issued; %s was", name, known)
		}
	}
	return fmt.Errorf("%s was never issued", name)
}

// Vault holds the secrets of all users between two issues, by name, and those of
// the gateway.
type Vault map[string]Secrets

// gatewayEntry is where a Vault has the gateway's, and siteEntry where it has, as
// the key, State.Site: no user has a slash in the name.
const (
	gatewayEntry = "/gateway"
	siteEntry    = "/site"
)

// Fits says that the secrets are those of the same site as the state, or none. What
// is older than the names of sites fits what is, too, and has users.
func (v Vault) Fits(s State) bool {
	name := string(v[siteEntry].Key.Reveal())
	return len(v) == 0 || name == s.Site && (name != "" || len(s.Users) > 0)
}

// name gives the site its name at the first issue, and writes it into the vault.
func (m *maker) name() (err error) {
	if m.issue.State.Site == "" {
		if m.issue.State.Site, err = profile.NewUUID(m.Random); err != nil {
			return err
		}
	}
	m.issue.Vault[siteEntry] = Secrets{Key: profile.NewSecret([]byte(m.issue.State.Site))}
	return nil
}

// Secrets are those of one user.
type Secrets struct {
	Key        profile.Secret // the gateway's and the user's
	Passphrase profile.Secret // of the .EXP, and of the PKCS#12 file
	PKCS12     profile.Secret // certificate and key, in base64; empty: none
}

// clearSecrets are Secrets as they stand in the file.
type clearSecrets struct {
	Key        string `json:"key"`
	Passphrase string `json:"passphrase"`
	PKCS12     string `json:"pkcs12,omitempty"`
}

// ParseVault reads what Text has written; no octets are an empty one. An error
// quotes nothing.
func ParseVault(text []byte) (Vault, error) {
	var all map[string]clearSecrets
	if len(text) > 0 && json.Unmarshal(text, &all) != nil {
		return nil, errors.New("the secrets of the last issue cannot be read: the file was changed")
	}
	v := Vault{}
	for name, s := range all {
		v[name] = Secrets{profile.NewSecret([]byte(s.Key)), profile.NewSecret([]byte(s.Passphrase)), profile.NewSecret([]byte(s.PKCS12))}
	}
	return v, nil
}

// Text is the secrets in clear, for a file that nobody else can read.
func (v Vault) Text() ([]byte, error) {
	all := map[string]clearSecrets{}
	for name, s := range v {
		all[name] = clearSecrets{string(s.Key.Reveal()), string(s.Passphrase.Reveal()), string(s.PKCS12.Reveal())}
	}
	return indented(all)
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}
