package profile

import "muvpn/client/reason"

// Kind says which rule refused a file or a profile.
type Kind int

// The kinds of refusal.
const (
	Unreadable    Kind = iota // it cannot be read at all: a directory, empty, gone
	TooBig                    // more than MaxFile
	UnknownFormat             // no importer knows it
	OtherVersion              // an .EXP of a version that this program does not know
	Damaged                   // it has not the form of its format
	BadSignature              // the signature is missing or does not fit
	WrongKey                  // wrong passphrase, or changed: the cipher cannot tell
	Expired                   // its time is over
	LowerSerial               // an older issue than the one in use
	OtherSigner               // signed by somebody else than before
	Unsigned                  // not signed, although the profile was before
	NotPinned                 // this computer accepts other signers only
	NotAllowed                // the caller's rights do not suffice
	NotFound                  // no such profile
	NeedsConsent              // the user has not agreed to something in it
)

// Refusal is why a file or a profile was not accepted, as one sentence for the
// user. It never holds a secret.
type Refusal struct {
	Kind     Kind
	Sentence string
}

// Error is the sentence.
func (r *Refusal) Error() string { return r.Sentence }

// Is makes errors.Is compare the kind, so that a caller can ask for
// &Refusal{Kind: Expired}.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Kind == r.Kind
}

// Reason is the refusal in the closed list of reasons.
func (r *Refusal) Reason() *reason.Reason {
	code := reason.ProfileChanged
	switch r.Kind {
	case Expired, LowerSerial:
		code = reason.ProfileExpired
	case OtherSigner, Unsigned, NotPinned:
		code = reason.ProfileSigner
	case NotAllowed:
		code = reason.NoPrivilege
	}
	return &reason.Reason{Code: code, Side: reason.Client, Seen: r.Sentence}
}

func refuse(kind Kind, sentence string) *Refusal { return &Refusal{kind, sentence} }

// damaged says what is wrong with the form of an .EXP.
func damaged(what string) *Refusal {
	return refuse(Damaged, "the file is damaged or was changed: "+what+"; ask your administrator for a new copy")
}
