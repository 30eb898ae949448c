package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"math/bits"
)

// minGCMTag is the shortest tag that crypto/cipher checks by itself.
const minGCMTag = 12

// shortICV is the ICV of AES-GCM with 8 octets (RFC 4106 section 6).
const shortICV = 8

// shortGCM is AES-GCM with an ICV of 8 octets, which crypto/cipher refuses.
// Sealing is easy: the full tag is cut. To open, it is computed anew, without
// decrypting anything:
//
// GHASH is a polynomial in H, and the lengths of the associated data and of
// the ciphertext are one of its coefficients, that of H itself. A ciphertext
// given as associated data instead, behind a header padded to a block, makes
// the same polynomial but for that coefficient. So the tag of the one is the
// tag of the other plus (L xor L')·H, where the lengths' difference L xor L'
// has few bits: the sum of few H·x^i.
type shortGCM struct {
	combined             // with the full tag
	powers   [128]uint64 // the first 64 bits of H·x^i
	spare    []byte      // a payload and its full tag
}

func newShortGCM(block cipher.Block, key []byte) (*shortGCM, error) {
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	g := &shortGCM{combined: *newCombined(gcm, key)}
	var h [aes.BlockSize]byte
	block.Encrypt(h[:], h[:])
	hi, lo := binary.BigEndian.Uint64(h[:]), binary.BigEndian.Uint64(h[8:])
	for i := range g.powers {
		g.powers[i] = hi
		hi, lo = timesX(hi, lo)
	}
	return g, nil
}

// timesX multiplies an element of GCM's field by x (NIST SP 800-38D section
// 6.3), whose bits are numbered from the most significant one.
func timesX(hi, lo uint64) (uint64, uint64) {
	const r = 0xe1 << 56
	return hi>>1 ^ r&-(lo&1), lo>>1 | hi<<63
}

func (g *shortGCM) seal(batch []Packet) {
	for i := range batch {
		if p := &batch[i]; p.kept() {
			header, sealed := g.split(p)
			payload, icv := sealed[:len(sealed)-shortICV], sealed[len(sealed)-shortICV:]
			copy(icv, g.crypt(payload, header))
		}
	}
}

func (g *shortGCM) open(batch []Packet, t *tally) {
	for i := range batch {
		p := &batch[i]
		if !p.kept() {
			continue
		}
		_, sealed := g.split(p)
		payload, icv := sealed[:len(sealed)-shortICV], sealed[len(sealed)-shortICV:]
		if subtle.ConstantTimeCompare(g.icv(p), icv) != 1 {
			t.drop(p, DropICV)
			continue
		}
		g.crypt(payload, nil)
	}
}

// crypt encrypts a payload in place, which in counter mode is also how it is
// decrypted, and returns the full tag.
func (g *shortGCM) crypt(payload, header []byte) (tag []byte) {
	g.spare = g.aead.Seal(g.spare[:0], g.nonce[:], payload, header)
	n := copy(payload, g.spare)
	return g.spare[n:]
}

// icv is the ICV that a packet should have. The nonce is set; the IV in the
// packet gives way to the padding of the header.
func (g *shortGCM) icv(p *Packet) []byte {
	b := p.Data()
	b = b[:len(b)-shortICV]
	clear(b[headerLen:aes.BlockSize])
	g.spare = g.aead.Seal(g.spare[:0], g.nonce[:], nil, b)
	tag := g.spare[:shortICV]
	ciphertext := len(b) - aes.BlockSize
	sum := g.timesH(bitLen(headerLen)^bitLen(len(b)), bitLen(ciphertext))
	binary.BigEndian.PutUint64(tag, binary.BigEndian.Uint64(tag)^sum)
	return tag
}

// timesH is the first half of H times the block of two words.
func (g *shortGCM) timesH(hi, lo uint64) (sum uint64) {
	for ; hi != 0; hi &^= 1 << 63 >> bits.LeadingZeros64(hi) {
		sum ^= g.powers[bits.LeadingZeros64(hi)]
	}
	for ; lo != 0; lo &^= 1 << 63 >> bits.LeadingZeros64(lo) {
		sum ^= g.powers[64+bits.LeadingZeros64(lo)]
	}
	return sum
}

func bitLen(octets int) uint64 { return uint64(octets) * 8 }
