package issuing

import (
	"io"
	"strings"

	"muvpn/profile"
)

// keyLetters are what a shared key is made of: nothing that looks like another.
const keyLetters = "abcdefghjkmnpqrstuvwxyz23456789"

// The parts of a passphrase's words: 4 bits a consonant, 2 bits a vowel, as
// Wilkerson's proquints have them. Every language of ours can say them aloud, and
// nobody has to know a word.
const (
	consonants = "bdfghjklmnprstvz"
	vowels     = "aiou"
)

// The lengths: 25 of 31 letters are 123 bits, 7 words of 16 bits are 112; 20
// characters out of 36 would be 103.
const (
	keyGroups, keyGroup = 5, 5
	passphraseWords     = 7
)

// newKey makes a shared key, such as "mgk2v-t9qrz-5xlw8-ybd3n-jc4h7".
func newKey(random io.Reader) (profile.Secret, error) {
	var b strings.Builder
	var octet [1]byte
	for n := 0; n < keyGroups*keyGroup; {
		if _, err := io.ReadFull(random, octet[:]); err != nil {
			return profile.Secret{}, err
		}
		i := int(octet[0] & 31)
		if i >= len(keyLetters) {
			continue // so that all letters are equally likely
		}
		if n > 0 && n%keyGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(keyLetters[i])
		n++
	}
	return profile.NewSecret([]byte(b.String())), nil
}

// newPassphrase makes a passphrase that can be said on the telephone, such as
// "lusab-tagud-mozin-…".
func newPassphrase(random io.Reader) (profile.Secret, error) {
	raw := make([]byte, 2*passphraseWords)
	if _, err := io.ReadFull(random, raw); err != nil {
		return profile.Secret{}, err
	}
	words := make([]string, passphraseWords)
	for i := range words {
		words[i] = word(uint16(raw[2*i])<<8 | uint16(raw[2*i+1]))
	}
	return profile.NewSecret([]byte(strings.Join(words, "-"))), nil
}

// word says 16 bits in five letters.
func word(bits uint16) string {
	return string([]byte{
		consonants[bits>>12], vowels[bits>>10&3], consonants[bits>>6&15], vowels[bits>>4&3], consonants[bits&15],
	})
}
