package suite

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Exchange is what Phase 1 keys are made of: the values that both peers have
// seen, and the two secrets. Cookies are those of the ISAKMP header.
type Exchange struct {
	Proposal         Proposal
	PSK              []byte // pre-shared key
	Signatures       bool   // SKEYID as for signatures, without a key shared before
	Ni, Nr           []byte // nonces, the payloads' bodies
	GXI, GXR         []byte // public values of initiator and responder
	GXY              []byte // the shared secret
	CookieI, CookieR [8]byte
}

// Keys is the key schedule of one Phase 1 (RFC 2409 section 5), authenticated
// with a pre-shared key or by signatures. It holds no IV and no state.
type Keys struct {
	hash       Hash
	cbc        *CBC
	x          Exchange
	skeyid     []byte
	d, a, e    []byte // SKEYID_d, SKEYID_a, SKEYID_e
	encryption []byte // the cipher's key
}

// NewKeys derives SKEYID and everything from it. It fails when the proposal
// names an unknown algorithm or the key is a weak one (ErrWeakKey).
func NewKeys(x Exchange) (*Keys, error) {
	h, err := HashByKeyword(x.Proposal.Integrity)
	if err != nil {
		return nil, err
	}
	e, err := EncryptionByKeyword(x.Proposal.Encryption)
	if err != nil {
		return nil, err
	}
	k := &Keys{hash: h, x: x}
	if k.skeyid = h.PRF(x.PSK, x.Ni, x.Nr); x.Signatures {
		k.skeyid = h.PRF(slices.Concat(x.Ni, x.Nr), x.GXY)
	}
	k.d = k.step(nil, 0)
	k.a = k.step(k.d, 1)
	k.e = k.step(k.a, 2)
	k.encryption = expand(h, k.e, e.KeyLen)
	k.cbc, err = NewCBC(e, k.encryption)
	return k, err
}

// step is prf(SKEYID, before | g^xy | CKY-I | CKY-R | n).
func (k *Keys) step(before []byte, n byte) []byte {
	return k.hash.PRF(k.skeyid, before, k.x.GXY, k.x.CookieI[:], k.x.CookieR[:], []byte{n})
}

// expand makes a cipher key of n octets from SKEYID_e: its first octets, or,
// when it is too short, K1 | K2 … of RFC 2409 appendix B.
func expand(h Hash, skeyidE []byte, n int) []byte {
	if len(skeyidE) >= n {
		return skeyidE[:n]
	}
	block := []byte{0}
	var key []byte
	for len(key) < n {
		block = h.PRF(skeyidE, block)
		key = append(key, block...)
	}
	return key[:n]
}

// EncryptionKey is the key of the Phase 1 cipher. It is secret; test tools
// hand it to independent readers of a capture.
func (k *Keys) EncryptionKey() []byte { return k.encryption }

// Wipe overwrites the keys, when their Phase 1 is over. k must not be used after
// it. The cipher's own copy of its key is out of reach.
func (k *Keys) Wipe() {
	for _, b := range [][]byte{k.skeyid, k.d, k.a, k.e, k.encryption, k.x.GXY} {
		clear(b)
	}
}

// Hash is the negotiated hash, which NAT detection uses too.
func (k *Keys) Hash() Hash { return k.hash }

// HashI is HASH_I of section 5: sa and id are the bodies of SAi and IDii as
// they were on the wire.
func (k *Keys) HashI(sa, id []byte) []byte {
	return k.hash.PRF(k.skeyid, k.x.GXI, k.x.GXR, k.x.CookieI[:], k.x.CookieR[:], sa, id)
}

// HashR is HASH_R of section 5: sa is the body of SAi (not of the answer), id
// that of IDir, as they were on the wire.
func (k *Keys) HashR(sa, id []byte) []byte {
	return k.hash.PRF(k.skeyid, k.x.GXR, k.x.GXI, k.x.CookieR[:], k.x.CookieI[:], sa, id)
}

// Hash1 is HASH(1) of Quick Mode, and the hash of an Informational: rest is
// everything behind the HASH payload, without padding.
func (k *Keys) Hash1(messageID uint32, rest []byte) []byte {
	return k.hash.PRF(k.a, octets(messageID), rest)
}

// Hash2 is HASH(2) of Quick Mode.
func (k *Keys) Hash2(messageID uint32, ni, rest []byte) []byte {
	return k.hash.PRF(k.a, octets(messageID), ni, rest)
}

// Hash3 is HASH(3) of Quick Mode.
func (k *Keys) Hash3(messageID uint32, ni, nr []byte) []byte {
	return k.hash.PRF(k.a, []byte{0}, octets(messageID), ni, nr)
}

// IV is the IV of the first encrypted message of Phase 1: the hash of both
// public values (appendix B).
func (k *Keys) IV() []byte {
	return k.hash.Sum(k.x.GXI, k.x.GXR)[:k.cbc.BlockSize()]
}

// MessageIV is the IV of the first message of an exchange under the SA: the
// hash of the last ciphertext block of Phase 1 and the message ID.
func (k *Keys) MessageIV(last []byte, messageID uint32) []byte {
	return k.hash.Sum(last, octets(messageID))[:k.cbc.BlockSize()]
}

// Encrypt pads plain with zeros to whole blocks and encrypts it. It returns
// the IV of the next message too.
func (k *Keys) Encrypt(iv, plain []byte) (data, next []byte) {
	data = k.cbc.Encrypt(iv, plain)
	return data, k.cbc.NextIV(data)
}

// Decrypt decrypts data into a new slice, padding and all, and returns the IV
// of the next message, which counts only once the message's hash is verified.
func (k *Keys) Decrypt(iv, data []byte) (plain, next []byte, err error) {
	plain, err = k.cbc.Decrypt(iv, data)
	if err != nil {
		return nil, nil, err
	}
	return plain, k.cbc.NextIV(data), nil
}

// protocolESP is PROTO_IPSEC_ESP (RFC 2407 section 4.4.1).
const protocolESP = 3

// Child is what the keys of one ESP SA are made of (RFC 2409 section 5.5).
type Child struct {
	Proposal Proposal
	Ni, Nr   []byte // nonces of the Quick Mode
	GXY      []byte // shared secret of PFS; nil: none
}

// ESPKeys gives the encryption and integrity keys of the SA with this SPI: the
// inbound SA has the SPI that the receiver chose.
func (k *Keys) ESPKeys(c Child, spi uint32) (encryption, integrity []byte, err error) {
	ne, ni, err := c.Proposal.KeyLengths()
	if err != nil {
		return nil, nil, err
	}
	material := k.keymat(c, spi, ne+ni)
	encryption, integrity = material[:ne:ne], material[ne:]
	if (c.Proposal.Encryption == "des" || c.Proposal.Encryption == "3des") && weakDES(encryption) {
		return nil, nil, ErrWeakKey
	}
	return encryption, integrity, nil
}

// keymat is the first n octets of KEYMAT.
func (k *Keys) keymat(c Child, spi uint32, n int) []byte {
	var block, out []byte
	for len(out) < n {
		block = k.hash.PRF(k.d, block, c.GXY, []byte{protocolESP}, octets(spi), c.Ni, c.Nr)
		out = append(out, block...)
	}
	return out[:n]
}

// KeyLengths says how many octets of keying material an ESP SA takes: cipher
// key (with the salt of an AEAD behind it) and integrity key.
func (p Proposal) KeyLengths() (encryption, integrity int, err error) {
	e, err := EncryptionByKeyword(p.Encryption)
	if err != nil {
		return 0, 0, err
	}
	if e.AEAD != (p.Integrity == "") {
		return 0, 0, fmt.Errorf("%s does not go with integrity %q", p.Encryption, p.Integrity)
	}
	if e.AEAD {
		return e.KeyLen + e.Salt, 0, nil
	}
	h, err := HashByKeyword(p.Integrity)
	return e.KeyLen, h.Size, err
}

func octets(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
