package profile

import (
	"fmt"
	"slices"
	"strings"
)

// Proposal names the algorithms of one proposal by strongSwan's keywords. It
// has the layout of suite.Proposal, so that one converts to the other; the
// keywords are listed there and in docs/exp.md.
type Proposal struct {
	Encryption string
	Integrity  string // empty with an AEAD
	PRF        string // empty: the same hash (IKEv1 knows nothing else)
	Group      string // empty: none
}

// The keywords that a profile may use, by kind.
var (
	encryptions = []string{"des", "3des", "aes128", "aes192", "aes256", "null"}
	aeads       = []string{"aes128gcm8", "aes128gcm12", "aes128gcm16", "aes256gcm8", "aes256gcm12", "aes256gcm16", "chacha20poly1305"}
	hashes      = []string{"md5", "sha1", "sha256", "sha384", "sha512"}
	groups      = []string{"modp768", "modp1024", "modp1536", "modp2048", "modp3072", "modp4096", "modp8192", "ecp256", "ecp384", "ecp521", "curve25519"}
)

// aliases are other spellings that strongSwan reads too.
var aliases = map[string]string{
	"aes": "aes128", "sha": "sha1", "sha2_256": "sha256", "sha2_384": "sha384", "sha2_512": "sha512",
	"sha2_256_96": "sha256_96", "x25519": "curve25519",
}

// ParseIKEProposal reads a proposal for Phase 1 or an IKE SA, such as
// "aes256-sha256-modp2048" or "aes256gcm16-prfsha256-ecp256". It knows the
// keywords of IKEv1 and IKEv2; which of them the profile's version can say is
// Validate's matter.
func ParseIKEProposal(s string) (Proposal, error) {
	p, err := parseProposal(s)
	switch {
	case err != nil:
		return Proposal{}, err
	case p.Group == "":
		return Proposal{}, fmt.Errorf("%q names no Diffie-Hellman group, such as modp2048", s)
	case p.Integrity == "" && p.PRF == "":
		return Proposal{}, fmt.Errorf("%q names no PRF, such as prfsha256", s)
	case p.Integrity == "sha256_96":
		return Proposal{}, fmt.Errorf("%q: sha256_96 is for ESP only", s)
	}
	return p, nil
}

// ParseESPProposal reads a proposal for ESP, such as "3des-sha1" or
// "aes256gcm16". A group is refused: perfect forward secrecy has a key of its
// own, esp.pfs.
func ParseESPProposal(s string) (Proposal, error) {
	p, err := parseProposal(s)
	switch {
	case err != nil:
		return Proposal{}, err
	case p.PRF != "":
		return Proposal{}, fmt.Errorf("%q names a PRF, which ESP does not have", s)
	case p.Group != "":
		return Proposal{}, fmt.Errorf("%q names a group: write esp.pfs = %q instead", s, p.Group)
	}
	return p, nil
}

// parseProposal sorts the keywords by kind; each kind may stand once.
func parseProposal(s string) (Proposal, error) {
	var p Proposal
	for word := range strings.SplitSeq(s, "-") {
		if full, ok := aliases[word]; ok {
			word = full
		}
		place, err := p.place(word)
		if err != nil {
			return Proposal{}, fmt.Errorf("%q: %w", s, err)
		}
		if *place != "" {
			return Proposal{}, fmt.Errorf("%q names both %s and %s", s, *place, word)
		}
		*place = strings.TrimPrefix(word, "prf")
	}
	return p, p.whole(s)
}

// place is the field that a keyword belongs to.
func (p *Proposal) place(word string) (*string, error) {
	prf, isPRF := strings.CutPrefix(word, "prf")
	switch {
	case slices.Contains(encryptions, word), slices.Contains(aeads, word):
		return &p.Encryption, nil
	case slices.Contains(hashes, word), word == "sha256_96":
		return &p.Integrity, nil
	case isPRF && slices.Contains(hashes, prf):
		return &p.PRF, nil
	case slices.Contains(groups, word):
		return &p.Group, nil
	}
	return nil, fmt.Errorf("unknown algorithm %q", word)
}

// whole checks that cipher and authentication go together.
func (p Proposal) whole(s string) error {
	switch {
	case p.Encryption == "":
		return fmt.Errorf("%q names no cipher, such as aes256", s)
	case p.AEAD() && p.Integrity != "":
		return fmt.Errorf("%q: %s authenticates by itself, leave %s out", s, p.Encryption, p.Integrity)
	case !p.AEAD() && p.Integrity == "":
		return fmt.Errorf("%q names no hash, such as sha256", s)
	}
	return nil
}

// AEAD says that the cipher authenticates by itself.
func (p Proposal) AEAD() bool { return slices.Contains(aeads, p.Encryption) }

// String is the proposal in keywords, as ParseIKEProposal and ParseESPProposal
// read it.
func (p Proposal) String() string {
	words := []string{p.Encryption}
	if p.Integrity != "" {
		words = append(words, p.Integrity)
	}
	if p.PRF != "" {
		words = append(words, "prf"+p.PRF)
	}
	if p.Group != "" {
		words = append(words, p.Group)
	}
	return strings.Join(words, "-")
}
