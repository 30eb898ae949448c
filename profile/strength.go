package profile

// Strength is how well a connection is protected. Its order is meant: the
// lesser of two is the weaker.
type Strength int

// The strengths. Broken: DES, MD5, group 1, no encryption. Aging: 3DES, SHA-1,
// groups 2 and 5, Aggressive Mode with a pre-shared key. Strong: the rest.
const (
	Broken Strength = iota
	Aging
	Strong
)

// String is the word for people.
func (s Strength) String() string {
	switch s {
	case Broken:
		return "broken"
	case Aging:
		return "aging"
	}
	return "strong"
}

// MarshalText writes the word.
func (s Strength) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// strengths lists the keywords that are not strong.
var strengths = map[string]Strength{
	"null": Broken, "des": Broken, "md5": Broken, "modp768": Broken,
	"3des": Aging, "sha1": Aging, "modp1024": Aging, "modp1536": Aging,
}

func strengthOf(word string) Strength {
	if s, ok := strengths[word]; ok {
		return s
	}
	return Strong
}

// Strength is that of the weakest algorithm in the proposal.
func (p Proposal) Strength() Strength {
	return min(strengthOf(p.Encryption), strengthOf(p.Integrity), strengthOf(p.PRF), strengthOf(p.Group))
}

// Negotiated is the strength of a connection: the weakest part of both phases
// counts. agingProof says that what the sides prove themselves by is aging:
// Aggressive Mode with a pre-shared key, which lets a recorder of the exchange
// guess the key, or a certificate with a short key or an old signature.
func Negotiated(agingProof bool, phases ...Proposal) Strength {
	weakest := Strong
	if agingProof {
		weakest = Aging
	}
	for _, p := range phases {
		weakest = min(weakest, p.Strength())
	}
	return weakest
}

// AggressivePSK says that the profile uses Aggressive Mode with a pre-shared
// key.
func (p Profile) AggressivePSK() bool {
	e := p.Effective()
	return e.IKE.Version == 1 && e.IKE.Exchange == "aggressive" && e.Auth.usesPSK()
}

// Strength returns the weakest and the best connection that the profile's
// proposals allow. Proposals that do not parse are left out: Validate names
// them.
func (p Profile) Strength() (weakest, best Strength) {
	e := p.Effective()
	pfs := strengthOf(e.ESP.PFS)
	ikeLow, ikeHigh := strengthRange(e.IKE.Proposals, ParseIKEProposal)
	espLow, espHigh := strengthRange(e.ESP.Proposals, ParseESPProposal)
	exchange := Negotiated(p.AggressivePSK())
	return min(ikeLow, espLow, pfs, exchange), min(ikeHigh, espHigh, pfs, exchange)
}

func strengthRange(proposals []string, parse func(string) (Proposal, error)) (low, high Strength) {
	low, high = Strong, Broken
	for _, s := range proposals {
		if p, err := parse(s); err == nil {
			low, high = min(low, p.Strength()), max(high, p.Strength())
		}
	}
	return low, high
}

// NeedsLegacy says that the profile offers something that security "standard"
// refuses: DES, MD5 or group 1.
func (p Profile) NeedsLegacy() bool {
	weakest, _ := p.Strength()
	return weakest == Broken
}
