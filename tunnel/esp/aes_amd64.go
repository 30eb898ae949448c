package esp

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"math/bits"

	"golang.org/x/sys/cpu"
)

// hasAES says that the processor has AES instructions. crypto/aes uses them
// too, but for one block at a time, and waits for each: with eight blocks under
// way the same instructions do four times the work.
var hasAES = cpu.X86.HasAES && cpu.X86.HasSSE41

// aesLanes is AES in CBC mode, eight blocks at a time: when it encrypts, one
// block of each of eight lanes; when it decrypts, eight blocks of one lane.
type aesLanes struct {
	rounds   int
	enc, dec roundKeys
}

// aesWidth is how many blocks are under way at once.
const aesWidth = 8

// roundKeys are the keys of up to 15 rounds, in the order of their use.
type roundKeys [15 * aes.BlockSize]byte

// newAESLanes is AES under a key of 16, 24 or 32 octets; block is what the
// standard library makes of that key.
func newAESLanes(key []byte, block cipher.Block) laneCipher {
	if !hasAES {
		return newCBC(block)
	}
	c := &aesLanes{rounds: len(key)/4 + 6}
	c.expand(key)
	c.invert()
	return c
}

// expand makes the round keys of encryption (FIPS 197 section 5.2).
func (c *aesLanes) expand(key []byte) {
	words := len(key) / 4
	copy(c.enc[:], key)
	rcon := uint32(1)
	for i := words; i < 4*(c.rounds+1); i++ {
		w := binary.LittleEndian.Uint32(c.enc[4*(i-1):])
		switch {
		case i%words == 0:
			w = bits.RotateLeft32(subWord(w), -8) ^ rcon
			rcon = rcon<<1 ^ rcon>>7*0x11b
		case words == 8 && i%words == 4:
			w = subWord(w)
		}
		w ^= binary.LittleEndian.Uint32(c.enc[4*(i-words):])
		binary.LittleEndian.PutUint32(c.enc[4*i:], w)
	}
}

// invert makes the round keys of decryption, those of the equivalent inverse
// cipher (FIPS 197 section 5.3.5).
func (c *aesLanes) invert() {
	for i := range c.rounds + 1 {
		key := (*[aes.BlockSize]byte)(c.dec[aes.BlockSize*i:])
		copy(key[:], c.enc[aes.BlockSize*(c.rounds-i):])
		if i > 0 && i < c.rounds {
			invMixColumns(key)
		}
	}
}

// encrypt keeps eight lanes under way; where one ends, the next takes its
// place.
func (c *aesLanes) encrypt(lanes [][]byte) {
	var rest [aesWidth][]byte // from the last block that was done
	for {
		for i := range rest {
			for len(rest[i]) <= aes.BlockSize && len(lanes) > 0 {
				rest[i], lanes = lanes[0], lanes[1:]
			}
		}
		if !c.encryptStep(&rest) {
			return
		}
	}
}

// encryptStep encrypts as many blocks of every lane as the shortest has; false
// when none has any. The places of lanes that have ended do the work of the
// shortest one once more, which changes nothing: all blocks of a round are read
// before any is written.
func (c *aesLanes) encryptStep(rest *[aesWidth][]byte) bool {
	var shortest []byte
	for _, r := range rest {
		if len(r) > aes.BlockSize && (shortest == nil || len(r) < len(shortest)) {
			shortest = r
		}
	}
	if shortest == nil {
		return false
	}
	var at [aesWidth]*byte
	n := len(shortest)/aes.BlockSize - 1
	for i, r := range rest {
		at[i] = &shortest[0]
		if len(r) > aes.BlockSize {
			at[i], rest[i] = &r[0], r[n*aes.BlockSize:]
		}
	}
	encryptAESLanes(&c.enc, c.rounds, &at, n)
	return true
}

// decrypt needs no other lane: the blocks of one do not wait for each other.
func (c *aesLanes) decrypt(lanes [][]byte) {
	for _, lane := range lanes {
		if n := len(lane)/aes.BlockSize - 1; n > 0 {
			decryptAESLane(&c.dec, c.rounds, &lane[0], n)
		}
	}
}

// encryptAESLanes encrypts a number of blocks, above zero, behind each of eight
// blocks: CBC with those as IVs.
//
//go:noescape
func encryptAESLanes(keys *roundKeys, rounds int, lanes *[aesWidth]*byte, blocks int)

// decryptAESLane decrypts a number of blocks, above zero, behind a block that
// is their IV.
//
//go:noescape
func decryptAESLane(keys *roundKeys, rounds int, lane *byte, blocks int)

// subWord is the S-box on four octets (FIPS 197 section 5.2).
func subWord(w uint32) uint32

// invMixColumns is the transformation of that name (FIPS 197 section 5.3.3).
//
//go:noescape
func invMixColumns(key *[aes.BlockSize]byte)
