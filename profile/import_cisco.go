package profile

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"slices"
	"time"
)

// ciscoProfile is what Cisco's client does without being told: Aggressive
// Mode, its identity with protocol and port 17/500, PFS as the gateway says,
// address and networks from the gateway.
func ciscoProfile() Profile {
	return Profile{
		IKE:     IKE{Exchange: "aggressive", Lifetime: Every(24 * time.Hour), IDPort: 500},
		ESP:     ESP{PFS: "gateway", Lifetime: Every(8 * time.Hour)},
		Network: Network{VirtualIP: VirtualIP{Mode: "mode-config"}},
	}
}

// ciscoOffer sets what Cisco's client offers, but for what is broken: that is
// offered only when the file asks for DES.
func (n *notes) ciscoOffer(p *Profile, group string, des bool) {
	esp := crossed([]string{"aes256", "aes192", "aes128", "3des"}, []string{"sha1"})
	if des {
		esp = append(esp, "3des-md5", "des-sha1", "des-md5")
	} else {
		n.warn("MD5 and DES are left out, which the program that the file is for offers too: they are broken.")
	}
	p.ESP.Proposals = esp
	p.IKE.Proposals = crossed(esp, []string{group})
}

// The parts of a password that Cisco hides: 20 octets from which the key is
// made, the SHA-1 of the ciphertext, and the ciphertext in 3DES-CBC.
const (
	ciscoSeed  = 20
	ciscoCheck = ciscoSeed + sha1.Size
)

// showCisco is the text behind an enc_GroupPwd or vpnc's obfuscated secret.
// The key lies beside it: it was hidden, never protected. An error quotes
// nothing.
func showCisco(hidden string) (string, error) {
	b, err := hex.DecodeString(hidden)
	switch {
	case err != nil:
		return "", errors.New("is not hexadecimal; copy the file again")
	case len(b) < ciscoCheck+des.BlockSize || (len(b)-ciscoCheck)%des.BlockSize != 0:
		return "", errors.New("is too short or cut off; copy the file again")
	}
	seed, check, text := b[:ciscoSeed], b[ciscoSeed:ciscoCheck], b[ciscoCheck:]
	if sum := sha1.Sum(text); !bytes.Equal(sum[:], check) {
		return "", errors.New("was changed: its check sum does not fit; copy the file again")
	}
	return ciscoDecrypt(seed, text)
}

// ciscoDecrypt: the key is the SHA-1 of the seed with 1 added to its last
// octet, and four octets of that with 3 added. The IV is the seed's begin.
func ciscoDecrypt(seed, text []byte) (string, error) {
	hash := func(add byte) []byte {
		b := slices.Clone(seed)
		b[len(b)-1] += add
		sum := sha1.Sum(b)
		return sum[:]
	}
	block, err := des.NewTripleDESCipher(append(hash(1), hash(3)[:4]...))
	if err != nil {
		panic(err) // 24 octets are always a key
	}
	out := make([]byte, len(text))
	cipher.NewCBCDecrypter(block, seed[:des.BlockSize]).CryptBlocks(out, text)
	pad := int(out[len(out)-1])
	if pad == 0 || pad > len(out) {
		return "", errors.New("is damaged; copy the file again")
	}
	return string(out[:len(out)-pad]), nil
}
