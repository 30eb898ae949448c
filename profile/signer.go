package profile

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/pem"
	"io"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// signerBlock is the PEM block of a signer's file: the 32 octets of an Ed25519
// seed, sealed as a profile is, with the public key among the headers.
const signerBlock = "MUVPN SIGNER"

// signerLabel precedes the associated data of a signer's file.
const signerLabel = "muvpn-signer-v1\n"

// SealSigner writes the key that signs profiles into a file that only the
// passphrase opens. The public key stands in it for everybody to read. Octets
// come from random: salt, then nonce.
func SealSigner(key ed25519.PrivateKey, passphrase []byte, random io.Reader) ([]byte, error) {
	h := Header{
		KDF:    KDF{Time: writeTime, Memory: writeMemory, Lanes: writeLanes, Salt: make([]byte, saltSize)},
		Nonce:  make([]byte, chacha20poly1305.NonceSizeX),
		Signer: key.Public().(ed25519.PublicKey),
	}
	for _, b := range [][]byte{h.KDF.Salt, h.Nonce} {
		if _, err := io.ReadFull(random, b); err != nil {
			return nil, err
		}
	}
	derived := h.KDF.key(passphrase)
	defer derived.Wipe()
	aead, err := chacha20poly1305.NewX(derived.Reveal())
	if err != nil {
		return nil, err
	}
	block := &pem.Block{Type: signerBlock, Headers: map[string]string{}}
	for _, l := range signerLines(h) {
		block.Headers[l.name] = l.value
	}
	block.Bytes = aead.Seal(nil, h.Nonce, key.Seed(), signerData(h))
	return pem.EncodeToMemory(block), nil
}

// OpenSigner reads what SealSigner has written. A wrong passphrase and a
// changed file look alike.
func OpenSigner(raw, passphrase []byte) (ed25519.PrivateKey, error) {
	h, body, err := parseSigner(raw)
	if err != nil {
		return nil, err
	}
	derived := h.KDF.key(passphrase)
	defer derived.Wipe()
	aead, err := chacha20poly1305.NewX(derived.Reveal())
	if err != nil {
		return nil, err
	}
	seed, err := aead.Open(nil, h.Nonce, body, signerData(h))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, refuse(WrongKey, "wrong passphrase of the signer's file, or the file was changed")
	}
	defer clear(seed)
	key := ed25519.NewKeyFromSeed(seed)
	if !h.Signer.Equal(key.Public()) {
		return nil, badSigner("its public key is that of another key")
	}
	return key, nil
}

// SignerKey is the public key of a signer's file, which takes no passphrase.
func SignerKey(raw []byte) (ed25519.PublicKey, error) {
	h, _, err := parseSigner(raw)
	return h.Signer, err
}

// parseSigner reads the headers, of which there are three, and the body.
func parseSigner(raw []byte) (h Header, body []byte, err error) {
	if len(raw) > MaxFile {
		return Header{}, nil, badSigner("it has more than 1 MiB")
	}
	inside, err := onlyBlock(textLines(raw), signerBlock)
	if err != nil || inside == nil {
		return Header{}, nil, badSigner("the block " + signerBlock + " is missing or not whole")
	}
	b, err := splitBlock(inside)
	if err != nil {
		return Header{}, nil, badSigner("its form is not that which muvpn admin keygen writes")
	}
	for _, l := range b.headers {
		parse, known := headerParsers[l.name]
		if !known || parse(&h, l.value) != nil {
			return Header{}, nil, badSigner("the header " + shown(l.name) + " cannot be read")
		}
	}
	if len(h.Signer) == 0 || len(h.Nonce) == 0 || h.KDF.Time == 0 || !slices.Equal(b.headers, signerLines(h)) {
		return Header{}, nil, badSigner("its headers are not Cipher, Kdf and Signer")
	}
	return h, b.body, nil
}

func signerLines(h Header) []headerLine {
	return []headerLine{
		{"Cipher", cipherName + " " + base64.StdEncoding.EncodeToString(h.Nonce)},
		{"Kdf", h.KDF.String()},
		{"Signer", base64.StdEncoding.EncodeToString(h.Signer)},
	}
}

// signerData binds the headers to the seed.
func signerData(h Header) []byte {
	return append([]byte(signerLabel), strings.TrimPrefix(string(associatedData(signerLines(h))), aadLabel)...)
}

func badSigner(what string) *Refusal {
	return refuse(Damaged, "this is no signer's file: "+what)
}
