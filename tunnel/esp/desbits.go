package esp

// This is DES (FIPS 46-3) on 64 blocks at once. Bits are counted from zero, the
// first one of the standard.

// desRounds is the rounds of DES; triple DES has three times as many.
const desRounds = 16

// desRoundKey is the key of one round, each bit as a word of 64 equal ones.
type desRoundKey [48]uint64

// desEncrypt encrypts 64 blocks: DES by 16 round keys, triple DES by 48. The
// permutations between the parts of triple DES undo each other.
func desEncrypt(rounds []desRoundKey, b *[desWidth]uint64) {
	l, r := desLoad(b)
	left, right := &l, &r
	for i := 0; i < len(rounds); i += 2 {
		desRound(left, right, &rounds[i])
		desRound(right, left, &rounds[i+1])
		if i%desRounds == desRounds-2 {
			left, right = right, left
		}
	}
	desStore(b, left, right)
}

// desDecrypt undoes desEncrypt: the same with the round keys from behind.
func desDecrypt(rounds []desRoundKey, b *[desWidth]uint64) {
	l, r := desLoad(b)
	left, right := &l, &r
	for i := len(rounds) - 2; i >= 0; i -= 2 {
		desRound(left, right, &rounds[i+1])
		desRound(right, left, &rounds[i])
		if i%desRounds == 0 {
			left, right = right, left
		}
	}
	desStore(b, left, right)
}

// desLoad turns blocks into bits, in the order of the initial permutation.
func desLoad(b *[desWidth]uint64) (l, r [32]uint64) {
	transpose(b)
	for i, bit := range desIP {
		l[i], r[i] = b[bit-1], b[bit-2]
	}
	return l, r
}

// desStore undoes desLoad.
func desStore(b *[desWidth]uint64, l, r *[32]uint64) {
	for i, bit := range desIP {
		b[bit-1], b[bit-2] = l[i], r[i]
	}
	transpose(b)
}

// transpose mirrors a square of 64 by 64 bits: bit j of word i becomes bit i of
// word j, in six steps that swap ever smaller squares beside the diagonal.
func transpose(b *[desWidth]uint64) {
	mask := uint64(1<<32 - 1)
	for n := 32; n > 0; n /= 2 {
		for i := 0; i < desWidth; i = (i + n + 1) &^ n {
			upper, lower := b[i], b[(i+n)%desWidth]
			t := (upper ^ lower>>(n%64)) & mask
			b[i], b[(i+n)%desWidth] = upper^t, lower^t<<(n%64)
		}
		mask ^= mask << (n / 2)
	}
}

// desRound adds the cipher function f(r, k) to l: an S-box takes four bits of r
// and the two beside them, added to the key, and the permutation P says where
// its outputs go.
func desRound(l, r *[32]uint64, k *desRoundKey) {
	a, b, c, d := sbox1(r[31]^k[0], r[0]^k[1], r[1]^k[2], r[2]^k[3], r[3]^k[4], r[4]^k[5])
	l[8], l[16], l[22], l[30] = l[8]^a, l[16]^b, l[22]^c, l[30]^d
	a, b, c, d = sbox2(r[3]^k[6], r[4]^k[7], r[5]^k[8], r[6]^k[9], r[7]^k[10], r[8]^k[11])
	l[12], l[27], l[1], l[17] = l[12]^a, l[27]^b, l[1]^c, l[17]^d
	a, b, c, d = sbox3(r[7]^k[12], r[8]^k[13], r[9]^k[14], r[10]^k[15], r[11]^k[16], r[12]^k[17])
	l[23], l[15], l[29], l[5] = l[23]^a, l[15]^b, l[29]^c, l[5]^d
	a, b, c, d = sbox4(r[11]^k[18], r[12]^k[19], r[13]^k[20], r[14]^k[21], r[15]^k[22], r[16]^k[23])
	l[25], l[19], l[9], l[0] = l[25]^a, l[19]^b, l[9]^c, l[0]^d
	a, b, c, d = sbox5(r[15]^k[24], r[16]^k[25], r[17]^k[26], r[18]^k[27], r[19]^k[28], r[20]^k[29])
	l[7], l[13], l[24], l[2] = l[7]^a, l[13]^b, l[24]^c, l[2]^d
	a, b, c, d = sbox6(r[19]^k[30], r[20]^k[31], r[21]^k[32], r[22]^k[33], r[23]^k[34], r[24]^k[35])
	l[3], l[28], l[10], l[18] = l[3]^a, l[28]^b, l[10]^c, l[18]^d
	a, b, c, d = sbox7(r[23]^k[36], r[24]^k[37], r[25]^k[38], r[26]^k[39], r[27]^k[40], r[28]^k[41])
	l[31], l[11], l[21], l[6] = l[31]^a, l[11]^b, l[21]^c, l[6]^d
	a, b, c, d = sbox8(r[27]^k[42], r[28]^k[43], r[29]^k[44], r[30]^k[45], r[31]^k[46], r[0]^k[47])
	l[4], l[26], l[14], l[20] = l[4]^a, l[26]^b, l[14]^c, l[20]^d
}

// desIP is the left half of the initial permutation, in the standard's own
// numbers; the right half is one less each.
var desIP = [32]int{
	58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
	62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
}

// desPC1 and desPC2 are the permuted choices of the key schedule.
var desPC1 = [56]int{
	57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18,
	10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
	63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22,
	14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
}

var desPC2 = [48]int{
	14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10,
	23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
	41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48,
	44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
}

// desSchedule makes the round keys of one DES key; parity is not looked at.
func desSchedule(key uint64) []desRoundKey {
	rounds := make([]desRoundKey, desRounds)
	turned := 0
	for i := range rounds {
		turned += 2
		if i == 0 || i == 1 || i == 8 || i == 15 {
			turned--
		}
		for j, choice := range desPC2 {
			half := (choice - 1) / 28 * 28
			bit := desPC1[half+(choice-1-half+turned)%28]
			rounds[i][j] = -(key >> (64 - bit) & 1)
		}
	}
	return rounds
}
