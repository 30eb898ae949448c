package profile

import (
	"fmt"
	"slices"
)

// dhGroups are the numbers of Diffie-Hellman groups (IANA, Group Description).
var dhGroups = map[int64]string{
	1: "modp768", 2: "modp1024", 5: "modp1536", 14: "modp2048", 15: "modp3072", 16: "modp4096", 18: "modp8192",
	19: "ecp256", 20: "ecp384", 21: "ecp521",
}

// idTypes are the numbers of identities (RFC 2407 section 4.6.2.1).
var idTypes = map[int64]string{1: "ipv4", 2: "fqdn", 3: "user_fqdn", 9: "dn", 11: "key_id"}

// hashNumbers are the hashes of Phase 1 (RFC 2409 appendix A, IANA).
var hashNumbers = map[int64]string{1: "md5", 2: "sha1", 4: "sha256", 5: "sha384", 6: "sha512"}

// authNumbers are the authentication algorithms of ESP (RFC 2407 section 4.5,
// IANA).
var authNumbers = map[int64]string{1: "md5", 2: "sha1", 5: "sha256", 6: "sha384", 7: "sha512"}

// numbered is the keyword of a number. One that muvpn does not have stays
// visible, so that Validate names it.
func numbered(words map[int64]string, kind string, n int64) string {
	if word, ok := words[n]; ok {
		return word
	}
	return fmt.Sprintf("%s%d", kind, n)
}

// crossed are all combinations of the words, the first list varying slowest.
func crossed(lists ...[]string) []string {
	out := []string{""}
	for _, list := range lists {
		var longer []string
		for _, begin := range out {
			for _, word := range list {
				longer = append(longer, begin+"-"+word)
			}
		}
		out = longer
	}
	for i := range out {
		out[i] = out[i][1:]
	}
	return out
}

// unique leaves out words that stand there already.
func unique(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
