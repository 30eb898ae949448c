package suite

import (
	"encoding/hex"
	"errors"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func repeat(b byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = b
	}
	return out
}

func counting(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i)
	}
	return out
}

// The expected values of this file were computed with Python's hmac and
// hashlib from the formulas of RFC 2409.

func exampleKeys(t *testing.T) *Keys {
	t.Helper()
	k, err := NewKeys(Exchange{
		Proposal: Proposal{Encryption: "des", Integrity: "md5", Group: "modp768"},
		PSK:      []byte("not a real secret"),
		Ni:       repeat('i', 16), Nr: repeat('r', 20),
		GXI: repeat('I', 96), GXR: repeat('R', 96), GXY: repeat('s', 96),
		CookieI: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, CookieR: [8]byte{11, 12, 13, 14, 15, 16, 17, 18},
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestScheduleOfPhase1(t *testing.T) {
	k := exampleKeys(t)
	equal(t, "encryption key", k.EncryptionKey(), unhex(t, "2daed56bd1e06302"))
	equal(t, "IV", k.IV(), unhex(t, "0804008c06fa56b4"))
	equal(t, "HASH_I", k.HashI([]byte("SA"), []byte("ID")), unhex(t, "ad62d5f1e6b684834d91e12486dd28b2"))
	equal(t, "HASH_R", k.HashR([]byte("SA"), []byte("ID")), unhex(t, "3f0cb8de71774e6fc6f300adaa07c392"))
}

// TestScheduleOfSignatures: SKEYID = prf(Ni | Nr, g^xy), and the key that both
// sides have is not in it.
func TestScheduleOfSignatures(t *testing.T) {
	x := exampleKeys(t).x
	x.Signatures = true
	k, err := NewKeys(x)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "encryption key", k.EncryptionKey(), unhex(t, "3734a3146469721a"))
	equal(t, "HASH_I", k.HashI([]byte("SA"), []byte("ID")), unhex(t, "c69a37575dda59ff2f298df47d1d2025"))
	equal(t, "HASH_R", k.HashR([]byte("SA"), []byte("ID")), unhex(t, "1399541746e9c63c22c8e4cc9255d923"))
}

func TestScheduleOfQuickMode(t *testing.T) {
	const id = 0x7e36f121
	k := exampleKeys(t)
	ni, nr := k.x.Ni, k.x.Nr
	equal(t, "HASH(1)", k.Hash1(id, []byte("rest")), unhex(t, "674810095ff5d4644c9c4dca4e1425b1"))
	equal(t, "HASH(2)", k.Hash2(id, ni, []byte("rest")), unhex(t, "e44dc908ff9cbef3407fcb4f91f339d3"))
	equal(t, "HASH(3)", k.Hash3(id, ni, nr), unhex(t, "7e71a94d8ae6ca2f35a8bf8c6c7e80a1"))
	equal(t, "IV", k.MessageIV([]byte("lastlast"), id), unhex(t, "0dace7fba1e4a7ad"))
}

func TestKeysOfESP(t *testing.T) {
	k := exampleKeys(t)
	c := Child{Proposal: Proposal{Encryption: "3des", Integrity: "sha1"}, Ni: repeat('q', 16), Nr: repeat('w', 16)}
	e, i, err := k.ESPKeys(c, 0x6985177e)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "KEYMAT", append(e, i...), unhex(t, "e7385300e09b97a61a7b7214985cc270fcf8223fead507f3eb0b15eb7ffdb79df407483dbdeed79867705b40"))
	if len(e) != 24 || len(i) != 20 {
		t.Errorf("keys of %d and %d octets", len(e), len(i))
	}
	c.GXY = repeat('p', 128)
	e, i, err = k.ESPKeys(c, 0x6985177e)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "KEYMAT with PFS", append(e, i...), unhex(t, "8f98ad58d3fac1c1a016627c94aedb8482fa8de70a8b0fac7c8c39390b97e4c182da37c6ca7fe1eec4378de3"))
}

func TestShortSKEYIDIsExpanded(t *testing.T) {
	md5, _ := HashByKeyword("md5")
	sha1, _ := HashByKeyword("sha1")
	equal(t, "3DES key from MD5", expand(md5, counting(16), 24), unhex(t, "5d76401b50b90caee409473960c04a9614b5f3b70b892097"))
	equal(t, "AES-256 key from SHA-1", expand(sha1, counting(20), 32), unhex(t, "1e5fd6a5cbc98bd4c1fe20d5e5fb2ed1df330c93a33c043ca850a65fd7aeae17"))
	equal(t, "AES-128 key from SHA-1", expand(sha1, counting(20), 16), counting(16))
}

func TestKeyLengthsOfESP(t *testing.T) {
	for _, c := range []struct {
		p    Proposal
		e, i int
	}{
		{Proposal{Encryption: "des", Integrity: "md5"}, 8, 16},
		{Proposal{Encryption: "3des", Integrity: "sha1"}, 24, 20},
		{Proposal{Encryption: "aes128", Integrity: "sha256"}, 16, 32},
		{Proposal{Encryption: "aes192", Integrity: "sha256_96"}, 24, 32},
		{Proposal{Encryption: "aes256", Integrity: "sha384"}, 32, 48},
		{Proposal{Encryption: "aes256", Integrity: "sha512"}, 32, 64},
		{Proposal{Encryption: "null", Integrity: "sha1"}, 0, 20},
		{Proposal{Encryption: "aes128gcm16"}, 20, 0},
		{Proposal{Encryption: "aes256gcm8"}, 36, 0},
	} {
		e, i, err := c.p.KeyLengths()
		if err != nil || e != c.e || i != c.i {
			t.Errorf("%s: %d, %d, %v; want %d, %d", c.p, e, i, err, c.e, c.i)
		}
	}
	for _, p := range []Proposal{
		{Encryption: "3des"}, {Encryption: "aes128gcm16", Integrity: "sha1"},
		{Encryption: "blowfish", Integrity: "sha1"}, {Encryption: "3des", Integrity: "tiger"},
	} {
		if _, _, err := p.KeyLengths(); err == nil {
			t.Errorf("%s has key lengths", p)
		}
	}
}

func TestWeakKeysAreRefused(t *testing.T) {
	des, _ := EncryptionByKeyword("des")
	triple, _ := EncryptionByKeyword("3des")
	good := unhex(t, "0123456789abcdef")
	other := unhex(t, "1122334455667788")
	third := unhex(t, "99aabbccddeeff01")
	join := func(parts ...[]byte) (key []byte) {
		for _, p := range parts {
			key = append(key, p...)
		}
		return key
	}
	for _, c := range []struct {
		name string
		e    Encryption
		key  []byte
		weak bool
	}{
		{"good", des, good, false},
		{"weak with odd parity", des, unhex(t, "0101010101010101"), true},
		{"weak with even parity", des, unhex(t, "0000000000000000"), true},
		{"semi-weak", des, unhex(t, "01fe01fe01fe01fe"), true},
		{"semi-weak of RFC 2409", des, unhex(t, "e0fee0fef1fef1fe"), true},
		{"good triple", triple, join(good, other, third), false},
		{"two keys", triple, join(good, other, good), false},
		{"weak part", triple, join(good, unhex(t, "1f1f1f1f0e0e0e0e"), third), true},
		{"first two equal", triple, join(good, good, third), true},
		{"last two equal but for parity", triple, join(third, other, unhex(t, "1023324554677689")), true},
	} {
		if _, err := NewCBC(c.e, c.key); errors.Is(err, ErrWeakKey) != c.weak {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSixteenWeakKeys(t *testing.T) {
	// What a weak key encrypts, itself or its partner among the semi-weak keys
	// undoes by encrypting again.
	des, _ := EncryptionByKeyword("des")
	seen := map[[8]byte]bool{}
	for _, w := range weakDESKeys {
		block, err := newBlock(des, w[:])
		if err != nil {
			t.Fatal(err)
		}
		inverse := false
		for _, v := range weakDESKeys {
			other, _ := newBlock(des, v[:])
			out := make([]byte, 8)
			block.Encrypt(out, counting(8))
			other.Encrypt(out, out)
			inverse = inverse || string(out) == string(counting(8))
		}
		if !inverse {
			t.Errorf("%x has no inverse among the weak keys", w)
		}
		seen[w] = true
	}
	if len(seen) != 16 {
		t.Errorf("%d keys, not 4 weak and 12 semi-weak", len(seen))
	}
}

func TestParityIsIgnored(t *testing.T) {
	des, _ := EncryptionByKeyword("des")
	key := unhex(t, "0123456789abcdef")
	a, err := NewCBC(des, key)
	if err != nil {
		t.Fatal(err)
	}
	for i := range key {
		key[i] ^= 1
	}
	b, err := NewCBC(des, key)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "ciphertext", a.Encrypt(make([]byte, 8), counting(16)), b.Encrypt(make([]byte, 8), counting(16)))
}

func TestEncryptPadsWithZeros(t *testing.T) {
	k := exampleKeys(t)
	data, next := k.Encrypt(k.IV(), []byte("eleven octets"[:11]))
	plain, again, err := k.Decrypt(k.IV(), data)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "plain", plain, append([]byte("eleven octe"), 0, 0, 0, 0, 0))
	equal(t, "next IV", next, data[8:])
	equal(t, "next IV", again, data[8:])
}

func TestDecryptRefusesPartialBlocks(t *testing.T) {
	k := exampleKeys(t)
	for _, n := range []int{0, 1, 7, 9, 15} {
		if _, _, err := k.Decrypt(k.IV(), make([]byte, n)); err == nil {
			t.Errorf("%d octets were decrypted", n)
		}
	}
}

func TestKeysNeedKnownAlgorithms(t *testing.T) {
	for _, p := range []Proposal{
		{Encryption: "3des", Integrity: "tiger"}, {Encryption: "blowfish", Integrity: "sha1"},
		{Encryption: "aes128gcm16", Integrity: "sha1"},
	} {
		if _, err := NewKeys(Exchange{Proposal: p}); err == nil {
			t.Errorf("%s has keys", p)
		}
	}
}

func TestKeysAreWiped(t *testing.T) {
	k := exampleKeys(t)
	secrets := map[string][]byte{"SKEYID": k.skeyid, "SKEYID_d": k.d, "SKEYID_a": k.a, "SKEYID_e": k.e, "encryption key": k.encryption, "g^xy": k.x.GXY}
	k.Wipe()
	for name, b := range secrets {
		equal(t, name, b, make([]byte, len(b)))
	}
}
