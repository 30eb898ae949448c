package wine

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"muvpn/profile"
)

// The signers of the tests: the first is the one that is pinned.
var (
	pinnedSigner = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	otherSigner  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

// given lays what an administrator gives an installer into C:\given.
func (w *world) given() {
	w.t.Helper()
	key := base64.StdEncoding.EncodeToString(pinnedSigner.Public().(ed25519.PublicKey))
	for name, text := range map[string][]byte{
		"signers":    []byte("# Example Ltd\r\n" + key + "\r\n"),
		"spoiled":    []byte(key + "\r\nnonsense\r\n"),
		"phrase.txt": wide(passphrase),
		branch:       exported(w.t, "Branch", pinnedSigner),
		"other.exp":  exported(w.t, "Other", otherSigner),
	} {
		file := filepath.Join(w.t.TempDir(), name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			w.t.Fatal(err)
		}
		w.copyIn(file, "given", name)
	}
}

// branch is the name of a profile's file as people give it.
const branch = "Büro 東京.exp"

// wide is a text as PowerShell redirects it into a file.
func wide(text string) []byte {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

// branchKey is the shared key of the profiles.
const branchKey = "wJ3pQz8nVb5tKx2mRd7c"

// branchGateway is what the sample's gateway has to be changed in for them.
var branchGateway = []string{"sample-psk-for-lisa-2001", branchKey, "des-md5-modp768", "aes256-sha256-modp2048", `"3des-sha1"`, `"aes256-sha256"`}

// exported is a profile that somebody has signed, as a file.
func exported(t *testing.T, name string, signer ed25519.PrivateKey) []byte {
	t.Helper()
	p := profile.Profile{
		Name:    name,
		Meta:    profile.Meta{UUID: fmt.Sprintf("6f1c7a52-9d3e-4b8a-a1c4-2f60d98e%04x", len(name)), Serial: 1, Issuer: name + " Ltd"},
		Gateway: profile.Gateway{Addresses: []string{"127.0.0.1"}, IKEPort: 10500, NATTPort: 14500},
		Auth: profile.Auth{
			LocalID: profile.ID{Type: "user_fqdn", Value: "lisa"},
			PSK:     profile.PSK{Source: "inline", Value: profile.NewSecret([]byte(branchKey))},
		},
		Network: profile.Network{
			VirtualIP: profile.VirtualIP{Address: netip.MustParseAddr("192.168.10.201")},
			Networks:  []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
		},
	}
	raw, err := profile.Seal(p, []byte(strings.TrimSpace(passphrase)), profile.SealOptions{Signer: signer, Now: time.Now(),
		Cost: profile.KDF{Time: 1, Memory: 19456, Lanes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
