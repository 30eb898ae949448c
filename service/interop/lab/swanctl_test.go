package lab

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// listing is what swanctl 5.9.8 prints for one IKE SA with one child.
const listing = `list-sa event {lab {uniqueid=1 version=1 state=ESTABLISHED local-host=192.0.2.1 local-port=4500 ` +
	`local-id=192.0.2.1 remote-host=192.0.2.50 remote-port=42659 remote-id=lisa initiator-spi=d952c0ef33f8ecfc ` +
	`responder-spi=354f542a539b2185 nat-remote=yes nat-any=yes encr-alg=DES_CBC integ-alg=HMAC_MD5_96 ` +
	`prf-alg=PRF_HMAC_MD5 dh-group=MODP_768 established=13 rekey-time=3577 child-sas {net0-1 {name=net0 uniqueid=1 ` +
	`reqid=1 state=INSTALLED mode=TUNNEL protocol=ESP encap=yes spi-in=b12a5339 spi-out=4482c546 encr-alg=3DES_CBC ` +
	`integ-alg=HMAC_SHA1_96 bytes-in=52495050 packets-in=47976 use-in=0 bytes-out=52462073 packets-out=47338 ` +
	`use-out=0 rekey-time=3246 life-time=3947 install-time=13 local-ts=[192.168.10.0/24] ` +
	`remote-ts=[192.168.10.201/32]}}}}` + "\nlist-sas reply {}\n"

func TestListedSAs(t *testing.T) {
	got, err := parseSAs(listing)
	if err != nil {
		t.Fatal(err)
	}
	want := []IKESA{{
		State: "ESTABLISHED", InitiatorSPI: "d952c0ef33f8ecfc", ResponderSPI: "354f542a539b2185",
		Encryption: "DES_CBC", Integrity: "HMAC_MD5_96", Group: "MODP_768", RemoteHost: "192.0.2.50",
		Children: []ChildSA{{
			Name: "net0", State: "INSTALLED", SPIIn: 0xb12a5339, SPIOut: 0x4482c546,
			BytesIn: 52495050, BytesOut: 52462073, PacketsIn: 47976, PacketsOut: 47338,
			Encryption: "3DES_CBC", Integrity: "HMAC_SHA1_96", Encap: true,
			Network: Trusted,
		}},
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

func TestNoSAs(t *testing.T) {
	if got, err := parseSAs("list-sas reply {}\n"); err != nil || len(got) != 0 {
		t.Errorf("SAs %v, error %v; want none", got, err)
	}
}

func TestBrokenListingIsRefused(t *testing.T) {
	for _, text := range []string{"list-sa event {lab {", "}", `list-sa event {lab {child-sas {net0-1 {spi-in=xyz}}}}`} {
		if got, err := parseSAs(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}
