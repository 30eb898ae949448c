package esp

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// blockCiphers are those that have a way of their own to do many blocks at once.
var blockCiphers = map[string]struct {
	keyLen   int
	newBlock func([]byte) (cipher.Block, error)
	newLanes func([]byte, cipher.Block) laneCipher
}{
	"des":    {8, des.NewCipher, newDESLanes},
	"3des":   {24, des.NewTripleDESCipher, newDESLanes},
	"aes128": {16, aes.NewCipher, newAESLanes},
	"aes192": {24, aes.NewCipher, newAESLanes},
	"aes256": {32, aes.NewCipher, newAESLanes},
}

// drawLanes draws up to 64 payloads, empty ones among them, with their IVs.
func drawLanes(t *rapid.T, blockSize int) [][]byte {
	longest := rapid.SampledFrom([]int{1, 3, 9, 40}).Draw(t, "longest")
	lanes := make([][]byte, rapid.IntRange(0, maxLanes).Draw(t, "lanes"))
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	for i := range lanes {
		lanes[i] = make([]byte, blockSize*(1+random.IntN(longest+1)))
		for j := range lanes[i] {
			lanes[i][j] = byte(random.Uint32())
		}
	}
	return lanes
}

func cloneLanes(lanes [][]byte) [][]byte {
	c := make([][]byte, len(lanes))
	for i, l := range lanes {
		c[i] = bytes.Clone(l)
	}
	return c
}

// TestLanesAgreeWithStandardLibrary encrypts and decrypts lanes of every number
// and length under random keys, and compares with CBC of crypto/cipher.
func TestLanesAgreeWithStandardLibrary(t *testing.T) {
	for name, c := range blockCiphers {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				key := rapid.SliceOfN(rapid.Byte(), c.keyLen, c.keyLen).Draw(t, "key")
				block, err := c.newBlock(key)
				if err != nil {
					t.Fatal(err)
				}
				n := block.BlockSize()
				plain := drawLanes(t, n)
				want := cloneLanes(plain)
				for _, l := range want {
					cipher.NewCBCEncrypter(block, l[:n]).CryptBlocks(l[n:], l[n:])
				}
				got := cloneLanes(plain)
				c.newLanes(key, block).encrypt(append([][]byte(nil), got...))
				for i := range got {
					if !bytes.Equal(got[i], want[i]) {
						t.Fatalf("lane %d of %d encrypted to %x, not %x", i, len(got), got[i], want[i])
					}
				}
				c.newLanes(key, block).decrypt(append([][]byte(nil), got...))
				for i := range got {
					if !bytes.Equal(got[i], plain[i]) {
						t.Fatalf("lane %d of %d decrypted to %x, not %x", i, len(got), got[i], plain[i])
					}
				}
			})
		})
	}
}

// TestSBoxes compares the circuits with the tables of FIPS 46-3, for all 64
// inputs at once: bit i of a word belongs to input i.
func TestSBoxes(t *testing.T) {
	circuits := [8]func(a1, a2, a3, a4, a5, a6 uint64) (y1, y2, y3, y4 uint64){
		sbox1, sbox2, sbox3, sbox4, sbox5, sbox6, sbox7, sbox8,
	}
	var in [6]uint64
	for i := range 64 {
		for bit := range in {
			in[bit] |= uint64(i>>(5-bit)&1) << i
		}
	}
	for n, circuit := range circuits {
		var y [4]uint64
		y[0], y[1], y[2], y[3] = circuit(in[0], in[1], in[2], in[3], in[4], in[5])
		for i := range 64 {
			got := 0
			for _, bits := range y {
				got = got<<1 | int(bits>>i&1)
			}
			row, column := i>>4&2|i&1, i>>1&15
			if want := sboxTables[n][row][column]; got != want {
				t.Errorf("S-box %d of %06b is %d, not %d", n+1, i, got, want)
			}
		}
	}
}

// sboxTables are the S-boxes as the standard prints them.
var sboxTables = [8][4][16]int{
	{
		{14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7},
		{0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8},
		{4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0},
		{15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13},
	},
	{
		{15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10},
		{3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5},
		{0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15},
		{13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9},
	},
	{
		{10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8},
		{13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1},
		{13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7},
		{1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12},
	},
	{
		{7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15},
		{13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9},
		{10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4},
		{3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14},
	},
	{
		{2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9},
		{14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6},
		{4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14},
		{11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3},
	},
	{
		{12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11},
		{10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8},
		{9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6},
		{4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13},
	},
	{
		{4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1},
		{13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6},
		{1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2},
		{6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12},
	},
	{
		{13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7},
		{1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2},
		{7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8},
		{2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11},
	},
}
