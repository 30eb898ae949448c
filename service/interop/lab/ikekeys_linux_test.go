package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ikeDump is charon's log of two Phase 1 negotiations.
const ikeDump = `11[IKE] IKE_SA (unnamed)[1] state change: CREATED => CONNECTING
11[IKE] shared Diffie Hellman secret => 4 bytes @ 0x7f2a3403e680
11[IKE]    0: 31 69 FF D0                                      1i..
11[IKE] SKEYID => 20 bytes @ 0x7f2a3403cb80
11[IKE]    0: AA 8A 0C F6 1A D3 AD 17 E7 A8 0F 32 A4 7C 58 F4  ...........2.|X.
11[IKE]   16: 01 02 AB CD                                      ....
10[NET] received packet
11[IKE] shared Diffie Hellman secret => 2 bytes @ 0x7f2a3403e680
11[IKE]    0: 31 69                                            AB CD
`

func TestIKEKeysOfCharonsLog(t *testing.T) {
	want := []IKEKeys{
		{"shared Diffie Hellman secret": octets("3169ffd0"), "SKEYID": octets("aa8a0cf61ad3ad17e7a80f32a47c58f40102abcd")},
		{"shared Diffie Hellman secret": octets("3169")},
	}
	if diff := cmp.Diff(want, ikeKeys(ikeDump)); diff != "" {
		t.Error(diff)
	}
}
