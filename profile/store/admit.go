package store

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"

	"muvpn/profile"
)

// Trust is what the store knows of a candidate's signer.
type Trust string

// The degrees of trust.
const (
	UnsignedFile Trust = "unsigned" // nobody signed
	FirstUse     Trust = "first"    // a signer never seen before
	Known        Trust = "known"    // the signer of this profile or of its issuer
	Pinned       Trust = "pinned"   // the administrator of this computer has pinned it
	Changed      Trust = "changed"  // the issuer had another signer before
)

// Verdict is what storing a candidate would mean.
type Verdict struct {
	UUID      string `json:"uuid"` // empty: a new one will be made
	Name      string `json:"name"`
	Update    bool   `json:"update"` // it replaces a stored profile
	OldSerial uint64 `json:"old_serial,omitempty"`
	NewSerial uint64 `json:"new_serial,omitempty"`
	Trust     Trust  `json:"trust"`
	Signer    string `json:"signer,omitempty"`     // fingerprint
	OldSigner string `json:"old_signer,omitempty"` // when Trust is Changed
	Legacy    bool   `json:"legacy"`               // it newly allows broken cryptography
}

// agreedTo refuses what only an explicit consent allows.
func (v Verdict) agreedTo(c Consent) error {
	switch {
	case v.Trust == Changed && !c.ChangedSigner:
		return refuse(profile.OtherSigner, "the issuer of this profile had another signer before (%s, now %s): accept it only after asking your administrator", v.OldSigner, cmp.Or(v.Signer, "none"))
	case v.Legacy && !c.Legacy:
		return refuse(profile.NeedsConsent, "the profile allows broken cryptography (security = \"legacy\"): this must be accepted explicitly")
	}
	return nil
}

// admitted is a candidate that was opened and found good.
type admitted struct {
	profile profile.Profile
	psk     profile.Secret
	source  Source
}

// admit opens the candidate and applies the rules, one after the other.
func (s *Store) admit(c Candidate, now time.Time) (admitted, Verdict, error) {
	if err := s.rules.changeable(c.Administer); err != nil {
		return admitted{}, Verdict{}, err
	}
	a, err := open(c, now)
	if err == nil && c.Name != "" {
		err = nameable(a.profile, c.Name)
	}
	if err != nil {
		return admitted{}, Verdict{}, err
	}
	meta := a.profile.Meta
	v := Verdict{UUID: meta.UUID, NewSerial: meta.Serial, Signer: a.source.Signer.Fingerprint()}
	old, known := s.records[meta.UUID]
	if known {
		v.Update, v.OldSerial = true, old.Profile.Meta.Serial
		if err := old.mayBecome(a, c); err != nil {
			return admitted{}, v, err
		}
	}
	if err := s.pinned(a, c); err != nil {
		return admitted{}, v, err
	}
	s.judge(&v, a)
	v.Legacy = legacy(a.profile) && !(known && legacy(old.Profile))
	v.Name = s.freeName(cmp.Or(c.Name, old.Name, a.profile.Name), meta.UUID)
	if v.UUID == "" {
		v.UUID, err = s.newUUID()
	}
	return a, v, err
}

func legacy(p profile.Profile) bool { return p.Policy.Security == "legacy" }

// open checks signature, expiry and faults, over the octets themselves.
func open(c Candidate, now time.Time) (admitted, error) {
	if c.Profile != nil {
		return admitted{profile: c.Profile.Clone(), psk: c.PSK, source: Source{Format: word(c.Format)}}, c.Profile.Validate()
	}
	sealed, err := profile.ParseEXP(c.Raw)
	if err != nil {
		return admitted{}, err
	}
	h := sealed.Header
	if err := h.CheckExpiry(now); err != nil {
		return admitted{}, err
	}
	p, _, err := sealed.Open(c.Key)
	if err != nil {
		return admitted{}, err
	}
	source := Source{Format: "muvpn .EXP", Digest: sealed.Digest(), Signer: Signer(h.Signer), Issued: h.Issued, Expires: h.Expires}
	return admitted{profile: p, psk: c.PSK, source: source}, nil
}

// nameable says whether the profile may be stored under that name.
func nameable(p profile.Profile, name string) error {
	p.Name = name
	return p.Validate()
}

// word is what a client says of a format, fit to be logged.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= ' ' && r <= '~' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 40)]
}

// mayBecome refuses what may not follow a stored profile of the same UUID.
func (r Record) mayBecome(a admitted, c Candidate) error {
	before, after := r.Source.Signer, a.source.Signer
	switch {
	case before != nil && after == nil:
		return refuse(profile.Unsigned, "%s was signed and this file is not; ask your administrator for a new copy", r.Name)
	case before != nil && !bytes.Equal(before, after):
		return refuse(profile.OtherSigner, "%s was signed by %s and this file by %s; ask your administrator for a new copy", r.Name, before.Fingerprint(), after.Fingerprint())
	case a.profile.Meta.Serial < r.Profile.Meta.Serial:
		return refuse(profile.LowerSerial, "%s is in use with serial %d and this file has %d, which is older; remove the profile first if you want to go back", r.Name, r.Profile.Meta.Serial, a.profile.Meta.Serial)
	case r.Profile.Policy.ReadOnly && c.Profile != nil && !c.Administer:
		return refuse(profile.NotAllowed, "%s is read-only: only an administrator may replace it by another format", r.Name)
	}
	return nil
}

// pinned refuses other signers than the pinned ones.
func (s *Store) pinned(a admitted, c Candidate) error {
	switch {
	case !s.rules.Pinned || s.rules.pins(a.source.Signer):
		return nil
	case c.Profile != nil && c.Administer:
		return nil
	case c.Profile != nil:
		return refuse(profile.NotAllowed, "this computer accepts only profiles of the signers that its administrator has pinned: only an administrator may import other formats")
	}
	return refuse(profile.NotPinned, "this computer accepts only profiles of the signers that its administrator has pinned, and %s is none of them; ask your administrator for a new copy", cmp.Or(a.source.Signer.Fingerprint(), "an unsigned file"))
}

// judge says how well the signer is known.
func (s *Store) judge(v *Verdict, a admitted) {
	signer, issuer := a.source.Signer, a.profile.Meta.Issuer
	before := s.trust.signer(issuer)
	switch {
	case s.rules.pins(signer):
		v.Trust = Pinned
	case before != nil && !bytes.Equal(before, signer):
		v.Trust, v.OldSigner = Changed, before.Fingerprint()
		if s.signedBefore(v.UUID, signer) { // this profile never changed hands
			v.Trust, v.OldSigner = Known, ""
		}
	case signer == nil:
		v.Trust = UnsignedFile
	case before != nil || s.trust.knows(signer) || s.signedBefore(v.UUID, signer):
		v.Trust = Known
	default:
		v.Trust = FirstUse
	}
}

// signedBefore says that the stored profile of that UUID has this signer.
func (s *Store) signedBefore(uuid string, signer Signer) bool {
	r, ok := s.records[uuid]
	return ok && signer != nil && bytes.Equal(r.Source.Signer, signer)
}

// freeName is the name, or "name (2)" and so on when another profile has it.
func (s *Store) freeName(name, uuid string) string {
	free := name
	for n := 2; s.taken(free, uuid); n++ {
		free = fmt.Sprintf("%s (%d)", name, n)
	}
	return free
}

func (s *Store) taken(name, uuid string) bool {
	for id, r := range s.records {
		if id != uuid && (r.Name == name || id == name) {
			return true
		}
	}
	return false
}

func refuse(kind profile.Kind, form string, args ...any) error {
	return &profile.Refusal{Kind: kind, Sentence: fmt.Sprintf(form, args...)}
}
