package client

// Refusal is a request that the service would not carry out, where no
// connection failed: it says so in a sentence for people.
type Refusal struct {
	Kind RefusalKind `json:"refused"`
	Text string      `json:"text"`
	// Needs lists the consents that were missing, when Kind is NeedsConsent.
	Needs []Consent `json:"needs,omitempty"`
}

// Error is the sentence.
func (r *Refusal) Error() string { return r.Text }

// RefusalKind tells programs why a request was refused.
type RefusalKind string

// The kinds of refusal.
const (
	NoProfile    RefusalKind = "no-profile"    // none of that name, or none at all
	WhichProfile RefusalKind = "which-profile" // several could be meant
	Busy         RefusalKind = "busy"          // not while connected
	NeedsConsent RefusalKind = "needs-consent" // see Needs
	BadProfile   RefusalKind = "bad-profile"   // it cannot be read or used
	NotAllowed   RefusalKind = "not-allowed"   // the caller lacks the right
	NotAsked     RefusalKind = "not-asked"     // an answer came too late, or twice
	BadRequest   RefusalKind = "bad-request"   // not of the API's form, or too large
)
