package suite

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// Hash is one hash with its two uses: hash and PRF (HMAC) of IKE, and HMAC of
// ESP. Lengths are octets.
type Hash struct {
	Keyword string
	Phase1  uint16 // Hash Algorithm of Phase 1 (RFC 2409 appendix A); 0: none
	ESP     uint16 // Authentication Algorithm of ESP (RFC 2407 section 4.5)
	Size    int    // of the hash, and of the HMAC key in ESP
	ICV     int    // of the truncated HMAC in ESP
	ESPName string // as in the log
	new     func() hash.Hash
}

var hashes = []Hash{
	{Keyword: "md5", Phase1: 1, ESP: 1, Size: md5.Size, ICV: 12, ESPName: "AUTH_ALG_HMAC_MD5", new: md5.New},
	{Keyword: "sha1", Phase1: 2, ESP: 2, Size: sha1.Size, ICV: 12, ESPName: "AUTH_ALG_HMAC_SHA1", new: sha1.New},
	{Keyword: "sha256", Phase1: 4, ESP: 5, Size: sha256.Size, ICV: 16, ESPName: "AUTH_ALG_HMAC_SHA2_256", new: sha256.New},
	{Keyword: "sha384", Phase1: 5, ESP: 6, Size: sha512.Size384, ICV: 24, ESPName: "AUTH_ALG_HMAC_SHA2_384", new: sha512.New384},
	{Keyword: "sha512", Phase1: 6, ESP: 7, Size: sha512.Size, ICV: 32, ESPName: "AUTH_ALG_HMAC_SHA2_512", new: sha512.New},
	// The number of sha256 with the 96-bit truncation of old gateways; it
	// stands behind sha256, so that the number finds that one.
	{Keyword: "sha256_96", ESP: 5, Size: sha256.Size, ICV: 12, ESPName: "AUTH_ALG_HMAC_SHA2_256", new: sha256.New},
}

// HashByKeyword finds a hash by its keyword.
func HashByKeyword(keyword string) (Hash, error) {
	for _, h := range hashes {
		if h.Keyword == keyword {
			return h, nil
		}
	}
	return Hash{}, fmt.Errorf("unknown hash %q", keyword)
}

// Sum is the hash of the parts, one behind the other.
func (h Hash) Sum(parts ...[]byte) []byte { return sum(h.new(), parts) }

// PRF is the HMAC of the parts under key: prf(key, part | part …) of RFC 2409.
func (h Hash) PRF(key []byte, parts ...[]byte) []byte {
	return sum(hmac.New(h.new, key), parts)
}

func sum(h hash.Hash, parts [][]byte) []byte {
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
