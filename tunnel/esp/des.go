package esp

import (
	"crypto/cipher"
	"crypto/des"
	"encoding/binary"
	"slices"
)

// desLanes is DES or triple DES in CBC mode, computed a bit at a time: word i
// of the state is bit i of 64 blocks, and what the standard does to one bit, an
// instruction does to 64 (Biham, A Fast New DES Implementation in Software,
// 1997). With many blocks to do this is four times as fast as crypto/des; and
// as there are no tables, nothing of key or data shows in the cache.
type desLanes struct {
	rounds []desRoundKey
	block  cipher.Block // crypto/des, for fewer blocks than are worth it
	few    *cbc         // the same for lanes
}

const (
	desWidth = 64 // blocks under way at once
	desFew   = 20 // with fewer, crypto/des is faster
)

func newDESLanes(key []byte, block cipher.Block) laneCipher {
	d := &desLanes{block: block, few: newCBC(block)}
	for i := 0; i < len(key); i += des.BlockSize {
		rounds := desSchedule(binary.BigEndian.Uint64(key[i:]))
		if i == des.BlockSize { // triple DES decrypts in the middle
			slices.Reverse(rounds)
		}
		d.rounds = append(d.rounds, rounds...)
	}
	return d
}

// encrypt does one block of every lane, then the next. It uses lanes up.
func (d *desLanes) encrypt(lanes [][]byte) {
	for {
		lanes = slices.DeleteFunc(lanes, func(l []byte) bool { return len(l) == des.BlockSize })
		if len(lanes) < desFew {
			d.few.encrypt(lanes)
			return
		}
		var blocks [desWidth]uint64
		for i, l := range lanes {
			blocks[i] = binary.BigEndian.Uint64(l) ^ binary.BigEndian.Uint64(l[des.BlockSize:])
		}
		desEncrypt(d.rounds, &blocks)
		for i, l := range lanes {
			binary.BigEndian.PutUint64(l[des.BlockSize:], blocks[i])
			lanes[i] = l[des.BlockSize:]
		}
	}
}

// decrypt does as many blocks at once as there are, wherever they lie.
func (d *desLanes) decrypt(lanes [][]byte) {
	var g desGroup
	for _, l := range lanes {
		before := binary.BigEndian.Uint64(l)
		for l = l[des.BlockSize:]; len(l) > 0; l = l[des.BlockSize:] {
			before = g.add(before, l)
			if g.n == desWidth {
				g.decrypt(d.rounds)
			}
		}
	}
	if g.n < desFew {
		g.decryptFew(d.block)
		return
	}
	g.decrypt(d.rounds)
}

// desGroup is blocks to decrypt, with the blocks of ciphertext before them.
type desGroup struct {
	n              int
	blocks, before [desWidth]uint64
	at             [desWidth][]byte
}

// add takes the first block of b, and returns it.
func (g *desGroup) add(before uint64, b []byte) uint64 {
	block := binary.BigEndian.Uint64(b)
	g.blocks[g.n], g.before[g.n], g.at[g.n] = block, before, b
	g.n++
	return block
}

// decrypt decrypts the blocks where they lie, and empties the group.
func (g *desGroup) decrypt(rounds []desRoundKey) {
	desDecrypt(rounds, &g.blocks)
	for i, b := range g.at[:g.n] {
		binary.BigEndian.PutUint64(b, g.blocks[i]^g.before[i])
	}
	g.n = 0
}

// decryptFew does the same with crypto/des.
func (g *desGroup) decryptFew(block cipher.Block) {
	for i, b := range g.at[:g.n] {
		block.Decrypt(b, b)
		binary.BigEndian.PutUint64(b, binary.BigEndian.Uint64(b)^g.before[i])
	}
	g.n = 0
}
