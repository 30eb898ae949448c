package store

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"muvpn/profile"
)

// Store is what the computer knows of profiles.
type Store struct {
	disk    disk
	records map[string]Record // by UUID
	trust   trust
	rules   Rules
	sealKey []byte // under which secrets are sealed; nil: they are not
}

// Record is one stored profile. Its secrets are not in it: see Unlock.
type Record struct {
	Name    string // unique in the store
	Profile profile.Profile
	Source  Source
	secrets string // name of the file with its secrets; empty: it has none
	edition uint64 // rises with every change, so that no file is written twice
}

// Source is where a profile came from.
type Source struct {
	Format  string    `toml:"format"`
	Digest  string    `toml:"digest,omitempty"` // of an .EXP
	Signer  Signer    `toml:"signer,omitempty"` // nil: not signed
	Issued  time.Time `toml:"issued,omitempty"`
	Expires time.Time `toml:"expires,omitempty"` // zero: never
	Stored  time.Time `toml:"stored"`
}

// Candidate is a profile that somebody wants stored: the octets of an .EXP
// with the key that opens it, or a profile that was read from another format.
type Candidate struct {
	Raw []byte
	Key profile.Secret

	Profile *profile.Profile // instead of Raw
	Format  string           // of what Profile was read from

	// PSK is the pre-shared key for a profile that does not hold it: the
	// passphrase, or what the user was asked for. Empty: ask at connect.
	PSK  profile.Secret
	Name string // under which to store it; empty: the profile's own
	// Administer says that the caller has the right of that name.
	Administer bool
}

// Wipe overwrites the candidate's secrets, when it was added or is not wanted.
func (c *Candidate) Wipe() {
	c.Key.Wipe()
	c.PSK.Wipe()
	if c.Profile != nil {
		c.Profile.Auth.Wipe()
	}
}

// Consent is what the user has agreed to after a Verdict.
type Consent struct {
	ChangedSigner bool // Trust is Changed
	Legacy        bool // Legacy is set
}

// Open opens the store in a folder and makes the folder when it is missing.
// Secrets are sealed under sealKey, at least MinSealKey octets of the system's;
// without one the folder, on Windows DPAPI, protects them. The warnings name what
// in the folder could not be read.
func Open(folder string, sealKey []byte) (*Store, []string, error) {
	if sealKey != nil && len(sealKey) < MinSealKey {
		return nil, nil, fmt.Errorf("the key that is to seal secrets has %d octets and needs at least %d", len(sealKey), MinSealKey)
	}
	s := &Store{disk: disk{folder: folder}, records: map[string]Record{}, sealKey: slices.Clone(sealKey)}
	if err := ProtectFolder(folder); err != nil {
		return nil, nil, err
	}
	warnings, err := s.load()
	return s, warnings, err
}

// List returns all records by name.
func (s *Store) List() []Record {
	var list []Record
	for _, r := range s.records {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Record) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Profile.Meta.UUID, b.Profile.Meta.UUID))
	})
	return list
}

// Get finds a record by its UUID or its name.
func (s *Store) Get(nameOrUUID string) (Record, error) {
	if r, ok := s.records[nameOrUUID]; ok {
		return r, nil
	}
	for _, r := range s.records {
		if r.Name == nameOrUUID {
			return r, nil
		}
	}
	return Record{}, &profile.Refusal{Kind: profile.NotFound, Sentence: fmt.Sprintf("there is no profile %q", nameOrUUID)}
}

// Unlock returns the profile with its secrets, for connecting. The pre-shared
// key is there whatever its source, unless the user must be asked for it.
func (s *Store) Unlock(r Record) (profile.Profile, error) {
	p := r.Profile.Clone()
	if r.secrets == "" {
		return p, nil
	}
	written, err := s.disk.read(r.secrets)
	if err != nil {
		return profile.Profile{}, err
	}
	defer clear(written)
	text, err := s.openSecret(r.secrets, written)
	if err != nil {
		return profile.Profile{}, err
	}
	defer clear(text)
	kept, _, err := profile.ParseTOML(text)
	if err != nil {
		return profile.Profile{}, fmt.Errorf("%s: %w", r.secrets, err)
	}
	p.Auth.PSK.Value = kept.Auth.PSK.Value
	p.Auth.PKCS12 = kept.Auth.PKCS12
	p.Auth.PKCS12Password = kept.Auth.PKCS12Password
	return p, nil
}

// Show returns the profile as TOML with [redacted] in place of its secrets.
func (s *Store) Show(r Record) ([]byte, error) {
	p, err := s.Unlock(r)
	if err != nil {
		return nil, err
	}
	return p.MarshalTOML()
}

// Check says what Add would do, and changes nothing. An error is a
// *profile.Refusal or the profile's Faults.
func (s *Store) Check(c Candidate, now time.Time) (Verdict, error) {
	_, v, err := s.admit(c, now)
	return v, err
}

// Add stores the candidate, or refuses it as Check does, or because the user
// has not agreed to what the Verdict says.
func (s *Store) Add(c Candidate, agreed Consent, now time.Time) (Record, Verdict, error) {
	a, v, err := s.admit(c, now)
	if err != nil {
		return Record{}, v, err
	}
	if err := v.agreedTo(agreed); err != nil {
		return Record{}, v, err
	}
	r, err := s.save(a, v, now)
	return r, v, err
}

// save writes secrets, record, trust, in this order: the record is what makes
// the change, secrets without a record are swept away, and trust is made again
// from the records.
func (s *Store) save(a admitted, v Verdict, now time.Time) (Record, error) {
	old, update := s.records[v.UUID]
	r := Record{Name: v.Name, Profile: a.profile, Source: a.source, edition: old.edition + 1}
	r.Source.Stored = now.UTC().Truncate(time.Second)
	r.Profile.Meta.UUID = v.UUID
	if err := s.ForgetLogin(r); err != nil { // the profile may be another user's now
		return Record{}, err
	}
	if err := s.writeSecrets(&r, a.psk); err != nil {
		return Record{}, err
	}
	if err := s.writeRecord(r); err != nil {
		return Record{}, err
	}
	s.records[v.UUID] = r
	if update && old.secrets != "" {
		if err := s.disk.remove(old.secrets); err != nil {
			return r, err
		}
	}
	return r, s.remember(r)
}

// Remove deletes a profile. One that its administrator has made read-only
// takes the right to administer.
func (s *Store) Remove(r Record, administer bool) error {
	if err := s.rules.changeable(administer); err != nil {
		return err
	}
	if r.Profile.Policy.ReadOnly && !administer {
		return &profile.Refusal{Kind: profile.NotAllowed, Sentence: r.Name + " is read-only: only an administrator may remove it"}
	}
	if err := s.disk.remove(recordFile(r.Profile.Meta.UUID)); err != nil {
		return err
	}
	delete(s.records, r.Profile.Meta.UUID)
	if err := s.ForgetLogin(r); err != nil {
		return err
	}
	if r.secrets == "" {
		return nil
	}
	return s.disk.remove(r.secrets)
}

// newUUID names a profile that came without a name of its own.
func (s *Store) newUUID() (string, error) {
	id, err := profile.NewUUID(rand.Reader)
	if _, taken := s.records[id]; taken {
		return "", errors.New("the random numbers of this computer repeat themselves")
	}
	return id, err
}

// CheckExpiry refuses a profile whose time is over at now.
func (r Record) CheckExpiry(now time.Time) error {
	return profile.Header{Expires: r.Source.Expires}.CheckExpiry(now)
}
