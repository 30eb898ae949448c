package lab

import (
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dump is charon's log of one Quick Mode that it answered.
const dump = `11[IKE] Hash(3) => 16 bytes @ 0x64001ea0
11[IKE]    0: 70 69 0B 05 C0 F6 23 E9 0F A3 31 1D A6 8D 45 9E  pi....#...1...E.
11[CHD] responder SA seed => 69 bytes @ 0x42daf950
11[CHD]    0: 03 5E 56 E0 C4 D8 AD E3 B4 C7 43 E9 83 76 AC B5  .^V.......C..v..
11[CHD] encryption initiator key => 24 bytes @ 0x68001540
11[CHD]    0: FB 8E D5 6B DA FD CC 75 23 EA 33 F3 B1 55 F5 7D  ...k...u#.3..U.}
11[CHD]   16: 03 D5 90 B7 68 7B 01 54                          AB CD EF
11[CHD] encryption responder key => 24 bytes @ 0x68001760
11[CHD]    0: BA A9 69 16 47 2B AB 00 D7 14 99 08 91 8F D2 7E  ..i.G+.........~
11[CHD]   16: 27 93 F4 31 E7 49 D8 18                          '..1.I..
11[CHD] integrity initiator key => 4 bytes @ 0x68001450
11[CHD]    0: 78 F9 97 EC                                      x...
11[CHD] integrity responder key => 4 bytes @ 0x68001780
11[CHD]    0: 14 3D 8D 60                                      .=.` + "`" + `
11[CHD] adding inbound ESP SA
11[CHD]   SPI 0xcbc5bf3b, src 192.0.2.100 dst 192.0.2.1
11[CHD] adding outbound ESP SA
11[CHD]   SPI 0x5e56e0c4, src 192.0.2.1 dst 192.0.2.100
`

// state is what `ip xfrm state` prints for the same SAs.
const state = `src 192.0.2.1 dst 192.0.2.100
	proto esp spi 0x5e56e0c4 reqid 1 mode tunnel
	replay-window 0 flag af-unspec
	auth-trunc hmac(sha1) 0x143d8d60 96
	enc cbc(des3_ede) 0xbaa96916472bab00d7149908918fd27e2793f431e749d818
	anti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000
src 192.0.2.100 dst 192.0.2.1
	proto esp spi 0xcbc5bf3b reqid 1 mode tunnel
	auth-trunc hmac(sha1) 0x78f997ec 96
	enc cbc(des3_ede) 0xfb8ed56bdafdcc7523ea33f3b155f57d03d590b7687b0154
`

// The keys in both.
var (
	fromClient = SAKeys{0xcbc5bf3b, octets("fb8ed56bdafdcc7523ea33f3b155f57d03d590b7687b0154"), octets("78f997ec")}
	fromLAN    = SAKeys{0x5e56e0c4, octets("baa96916472bab00d7149908918fd27e2793f431e749d818"), octets("143d8d60")}
)

func TestKeysOfCharonsLog(t *testing.T) {
	if diff := cmp.Diff([]SAKeys{fromClient, fromLAN}, charonKeys(dump)); diff != "" {
		t.Error(diff)
	}
}

func TestKeysOfTheKernel(t *testing.T) {
	got, err := kernelKeys(state)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]SAKeys{fromLAN, fromClient}, got); diff != "" {
		t.Error(diff)
	}
}

func TestKeysForTshark(t *testing.T) {
	got := string(espTable("3des-sha1", []SAKeys{fromLAN}))
	want := `"IPv4","*","*","0x5e56e0c4","TripleDES-CBC [RFC2451]","0xbaa96916472bab00d7149908918fd27e2793f431e749d818",` +
		`"HMAC-SHA-1-96 [RFC2404]","0x143d8d60"` + "\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func octets(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}
