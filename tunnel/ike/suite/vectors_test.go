package suite

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// octetString is lower-case hexadecimal in the vectors.
type octetString []byte

func (o *octetString) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(name, err)
	}
}

func equal(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s\n got %x\nwant %x", what, got, want)
	}
}

func TestKeyDerivationVectors(t *testing.T) {
	var file struct {
		Vectors []struct {
			PRF             string
			GXY             octetString `json:"g_xy"`
			PSK, Ni, Nr     octetString
			InitiatorCookie octetString `json:"initiator_cookie"`
			ResponderCookie octetString `json:"responder_cookie"`
			SKEYID          octetString
			D               octetString `json:"skeyid_d"`
			A               octetString `json:"skeyid_a"`
			E               octetString `json:"skeyid_e"`
		}
	}
	load(t, "ikev1-kdf.json", &file)
	if len(file.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range file.Vectors {
		if v.PRF != "HMAC-SHA1" {
			t.Fatal("unexpected PRF", v.PRF)
		}
		k, err := NewKeys(Exchange{
			Proposal: Proposal{Encryption: "aes128", Integrity: "sha1", Group: "modp1024"},
			PSK:      v.PSK, Ni: v.Ni, Nr: v.Nr, GXY: v.GXY,
			CookieI: [8]byte(v.InitiatorCookie), CookieR: [8]byte(v.ResponderCookie),
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "SKEYID", k.skeyid, v.SKEYID)
		equal(t, "SKEYID_d", k.d, v.D)
		equal(t, "SKEYID_a", k.a, v.A)
		equal(t, "SKEYID_e", k.e, v.E)
	}
}

// capture is one of the two exchange files.
type capture struct {
	EncryptionKey octetString `json:"encryption_key"`
	GXI           octetString `json:"g_xi"`
	GXR           octetString `json:"g_xr"`
	FirstIV       octetString `json:"phase1_first_iv"`
	LastIV        octetString `json:"phase1_last_iv"`
	NATD          []natd      `json:"nat_d"`
	Datagrams     []datagram
	Cipher, Hash  string
	KeyBits       int `json:"key_bits"`
}

type natd struct {
	HashInput octetString `json:"hash_input"`
	Expected  octetString
}

type datagram struct {
	Index              int
	MessageID          string `json:"message_id"`
	Exchange           string
	Encrypted          bool
	Hex, IV, Plaintext octetString
	NextIV             octetString `json:"next_iv"`
}

// keys are the Keys that the capture's owner had, as far as they are known.
func (c *capture) keys(t *testing.T) *Keys {
	t.Helper()
	if c.Cipher != "AES-CBC" || c.KeyBits != 256 || c.Hash != "SHA2-256" {
		t.Fatal("unexpected algorithms", c.Cipher, c.KeyBits, c.Hash)
	}
	e, err := EncryptionByKeyword("aes256")
	if err != nil {
		t.Fatal(err)
	}
	h, err := HashByKeyword("sha256")
	if err != nil {
		t.Fatal(err)
	}
	cbc, err := NewCBC(e, c.EncryptionKey)
	if err != nil {
		t.Fatal(err)
	}
	return &Keys{hash: h, cbc: cbc, x: Exchange{GXI: c.GXI, GXR: c.GXR}}
}

func TestCapturedExchangesDecrypt(t *testing.T) {
	for _, name := range []string{"ikev1-main-quick.json", "ikev1-aggressive-xauth-modecfg.json"} {
		t.Run(name, func(t *testing.T) {
			var c capture
			load(t, name, &c)
			k := c.keys(t)
			equal(t, "first IV of Phase 1", k.IV(), c.FirstIV)
			ivs := map[uint32][]byte{0: k.IV()}
			encrypted := 0
			for _, d := range c.Datagrams {
				if d.Encrypted {
					encrypted++
					decryptInChain(t, k, c.LastIV, ivs, d)
				}
			}
			equal(t, "last IV of Phase 1", ivs[0], c.LastIV)
			if encrypted < 7 {
				t.Errorf("only %d encrypted datagrams", encrypted)
			}
		})
	}
}

// decryptInChain takes the IV from the chain of the message ID alone, decrypts,
// encrypts again, and moves the chain on.
func decryptInChain(t *testing.T, k *Keys, last []byte, ivs map[uint32][]byte, d datagram) {
	t.Helper()
	n, err := strconv.ParseUint(d.MessageID, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	id := uint32(n)
	if ivs[id] == nil {
		ivs[id] = k.MessageIV(last, id)
	}
	equal(t, "IV", ivs[id], d.IV)
	plain, next, err := k.Decrypt(ivs[id], d.Hex[28:])
	if err != nil {
		t.Fatal(d.Index, err)
	}
	equal(t, "plaintext", plain, d.Plaintext)
	equal(t, "next IV", next, d.NextIV)
	again, next := k.Encrypt(ivs[id], plain)
	equal(t, "encrypted again", again, d.Hex[28:])
	equal(t, "next IV of encrypting", next, d.NextIV)
	ivs[id] = next
}

func TestCapturedNATDetection(t *testing.T) {
	for _, name := range []string{"ikev1-main-quick.json", "ikev1-aggressive-xauth-modecfg.json"} {
		var c capture
		load(t, name, &c)
		if len(c.NATD) != 4 {
			t.Fatal(name, "has", len(c.NATD), "NAT-D payloads")
		}
		for _, n := range c.NATD {
			equal(t, "NAT-D", c.keys(t).Hash().Sum(n.HashInput), n.Expected)
		}
	}
}
