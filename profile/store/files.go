package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"muvpn/profile"
)

// fileVersion is the version of the store's own files.
const fileVersion = 1

// The files of the folder: one record and at most one file of secrets for each
// profile, and the signers by issuer.
const (
	recordSuffix  = ".profile"
	secretsSuffix = ".secrets"
	trustFile     = "signers"
)

func recordFile(uuid string) string { return uuid + recordSuffix }

// secretsFile has a name of its own in every edition: the old secrets stay
// until the new record is there.
func secretsFile(uuid string, edition uint64) string {
	return fmt.Sprintf("%s.%d%s", uuid, edition, secretsSuffix)
}

// recordText is a record as it is written.
type recordText struct {
	Version int             `toml:"version"`
	Edition uint64          `toml:"edition"`
	Name    string          `toml:"name"`
	Secrets string          `toml:"secrets,omitempty"`
	Source  Source          `toml:"source"`
	Profile profile.Profile `toml:"profile"`
}

func (s *Store) writeRecord(r Record) error {
	text, err := toml.Marshal(recordText{fileVersion, r.edition, r.Name, r.secrets, r.Source, r.Profile})
	if err != nil {
		return err
	}
	return s.disk.write(recordFile(r.Profile.Meta.UUID), text)
}

// writeSecrets moves the secrets of r.Profile into a file of their own; psk is
// the pre-shared key when the profile does not hold it.
func (s *Store) writeSecrets(r *Record, psk profile.Secret) error {
	a := &r.Profile.Auth
	var kept profile.Profile
	kept.Auth.PSK.Value, kept.Auth.PKCS12, kept.Auth.PKCS12Password = a.PSK.Value, a.PKCS12, a.PKCS12Password
	if a.PSK.Value.Empty() {
		kept.Auth.PSK.Value = psk
	}
	a.PSK.Value, a.PKCS12, a.PKCS12Password = profile.Secret{}, profile.Secret{}, profile.Secret{}
	text, err := kept.MarshalWithSecrets()
	if err != nil || len(text) == 0 {
		return err
	}
	r.secrets = secretsFile(r.Profile.Meta.UUID, r.edition)
	return s.writeSecret(r.secrets, text)
}

// load reads the folder and takes away what a crash has left there. A file
// that cannot be read is named in a warning and hides no other.
func (s *Store) load() (warnings []string, err error) {
	names, err := s.disk.list()
	if err != nil {
		return nil, err
	}
	unreadable := map[string]bool{}
	for _, name := range names {
		uuid, isRecord := strings.CutSuffix(name, recordSuffix)
		if !isRecord {
			continue
		}
		r, err := s.readRecord(uuid)
		if err != nil {
			unreadable[uuid] = true
			warnings = append(warnings, fmt.Sprintf("the stored profile %s cannot be read: %v", uuid, err))
			continue
		}
		s.records[uuid] = r
	}
	if err := s.readTrust(); err != nil {
		warnings = append(warnings, fmt.Sprintf("the known signers cannot be read and are made again from the profiles: %v", err))
	}
	if err := s.sweep(names, unreadable); err != nil {
		return warnings, err
	}
	return append(warnings, s.sealAll(names)...), nil
}

func (s *Store) readRecord(uuid string) (Record, error) {
	text, err := s.disk.read(recordFile(uuid))
	if err != nil {
		return Record{}, err
	}
	var f recordText
	if err := toml.NewDecoder(bytes.NewReader(text)).Decode(&f); err != nil {
		return Record{}, err
	}
	switch {
	case f.Version != fileVersion:
		return Record{}, fmt.Errorf("written by another version of this program (%d)", f.Version)
	case f.Profile.Meta.UUID != uuid:
		return Record{}, errors.New("it is another profile's")
	}
	return Record{Name: f.Name, Profile: f.Profile, Source: f.Source, secrets: f.Secrets, edition: f.Edition}, nil
}

// sweep removes half-written files and secrets that no record names. Secrets
// of a record that could not be read stay.
func (s *Store) sweep(names []string, unreadable map[string]bool) error {
	for _, name := range names {
		uuid, _, _ := strings.Cut(name, ".")
		_, known := s.records[uuid]
		orphan := strings.HasSuffix(name, secretsSuffix) && s.records[uuid].secrets != name || strings.HasSuffix(name, loginSuffix) && !known
		if orphan && !unreadable[uuid] || strings.HasPrefix(name, newPrefix) {
			if err := s.disk.remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// trust is which signer each issuer has.
type trust map[string]trusted

type trusted struct {
	Signer Signer `toml:"signer"`
	Since  int64  `toml:"since"` // seconds since 1970
}

func (t trust) signer(issuer string) Signer { return t[issuer].Signer }

// knows says that some issuer has this signer.
func (t trust) knows(signer Signer) bool {
	for _, k := range t {
		if slices.Equal(k.Signer, signer) {
			return true
		}
	}
	return false
}

// learn takes over what a record says of its issuer, when it is newer.
func (t trust) learn(r Record) (changed bool) {
	issuer, since := r.Profile.Meta.Issuer, r.Source.Stored.Unix()
	old, known := t[issuer]
	if issuer == "" || r.Source.Signer == nil || known && (old.Since > since || slices.Equal(old.Signer, r.Source.Signer)) {
		return false
	}
	t[issuer] = trusted{r.Source.Signer, since}
	return true
}

// remember writes down the signer of a record that was stored.
func (s *Store) remember(r Record) error {
	if !s.trust.learn(r) {
		return nil
	}
	text, err := toml.Marshal(s.trust)
	if err != nil {
		return err
	}
	return s.disk.write(trustFile, text)
}

// readTrust reads the signers and learns from the records what a crash kept
// from being written.
func (s *Store) readTrust() error {
	s.trust = trust{}
	text, err := s.disk.readIfThere(trustFile)
	if err == nil {
		err = toml.Unmarshal(text, &s.trust)
	}
	if err != nil {
		s.trust = trust{}
	}
	for _, r := range s.List() {
		s.trust.learn(r)
	}
	return err
}
