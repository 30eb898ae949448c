package wire

import (
	"encoding/hex"
	"strings"
	"testing"
)

// Payloads are summed up by names and numbers that a helpdesk can look up.
func TestPayloadSummaries(t *testing.T) {
	want := []string{
		"ISAKMP #1: DES_CBC MD5 MODP_768 PSK sec: Life=86400, AES_CBC KeyLen=256",
		"ESP #1 SPI=6985177e: ESP_3DES UDP-Tunnel (draft) AUTH_ALG_HMAC_SHA1 KB: Life=65536; ESP #2 SPI=01020304: ESP_DES",
		"1 octets",
		`USER_FQDN "lisa"`,
		"KEY_ID 010203 17/500",
		"IPV4_ADDR 192.168.10.201",
		"IPV6_ADDR_SUBNET 2001:db8::/32",
		"encoding 4, 2 octets",
		"encoding 4, authority of 0 octets",
		"3 octets",
		"4 octets",
		"8 octets",
		"R-U-THERE (36136) ISAKMP SPI=00000000000000000000000000000000",
		"ESP SPI=00000001,00000002",
		"Dead Peer Detection (RFC 3706) 0100",
		"",
		"16 octets",
		"20 octets",
		"192.0.2.1",
		"2001:db8::1",
		"CFG_REPLY id=9 XAUTH_USER_NAME XAUTH_USER_PASSWORD XAUTH_STATUS",
		"fragment 2 of message 0001, 6 octets, the last",
		"payload 15, 1 octets",
	}
	for i, p := range samples() {
		if got := p.Summary(); got != want[i] {
			t.Errorf("%d %s:\n got %s\nwant %s", i, p.Type(), got, want[i])
		}
	}
}

func TestNotifyNames(t *testing.T) {
	for n, want := range map[NotifyType]string{
		14:    "NO-PROPOSAL-CHOSEN (14)",
		18:    "INVALID-ID-INFORMATION (18)",
		24:    "AUTHENTICATION-FAILED (24)",
		24578: "INITIAL-CONTACT (24578)",
		31:    "unknown error (31)",
		8192:  "private error (8192)",
		40000: "unknown status (40000)",
	} {
		if n.String() != want || n.IsError() != (n < 16384) {
			t.Errorf("%s, want %s", n, want)
		}
	}
}

// Numbers without a name are shown as numbers.
func TestNumbersWithoutNames(t *testing.T) {
	odd := Transform{ID: 99, Attributes: []Attribute{
		TV(1000, 7), TV(AttrESPGroup, 99), TLV(AttrESPKeyLength, nil), TV(AttrESPKeyLength, 128), TLV(9, make([]byte, 9)),
	}}
	if got := odd.Summary(ProtocolESP); got != "99 attribute 1000=7 99 attribute 6 (0 octets) KeyLen=128 attribute 9=0" {
		t.Error(got)
	}
	if got := (Transform{Attributes: []Attribute{TV(1000, 7)}}).Summary(ProtocolISAKMP); got != "attribute 1000=7" {
		t.Error(got)
	}
	if got := Exchange(6).String() + " " + Exchange(99).String() + " " + PayloadType(15).String(); got != "Transaction 99 ISA_15" {
		t.Error(got)
	}
}

// The octets of the vendor IDs are those that are seen in the field.
func TestVendorIDs(t *testing.T) {
	for id, want := range map[string]string{
		"4a131c81070358455c5728f20e95452f":         "RFC 3947",
		"7d9419a65310ca6f2c179d9215529d56":         "draft-ietf-ipsec-nat-t-ike-03",
		"90cb80913ebb696e086381b5ec427b1f":         `draft-ietf-ipsec-nat-t-ike-02\n`,
		"cd60464335df21f87cfdb2fc68b6a448":         "draft-ietf-ipsec-nat-t-ike-02",
		"4485152d18b6bbcd0be8a8469579ddcc":         "draft-ietf-ipsec-nat-t-ike-00",
		"afcad71368a1f1c96b8696fc77570100":         "Dead Peer Detection (RFC 3706) 0100",
		"09002689dfd6b712":                         "XAUTH",
		"12f5f28c457168a9702d9fe274cc0100":         "Cisco Unity 0100",
		"4048b7d56ebce88525e7de7f00d6c2d380000000": "FRAGMENTATION 80000000",
		"4048b7d56ebce88525e7de7f00d6c2d3":         "FRAGMENTATION",
		"da8e937880010000":                         "WatchGuard / SafeNet 80010000",
		"47bbe7c993f1fc13b4e6d0db565c68e5010203":   "SafeNet SoftRemote 010203",
		"882fe56d6fd20dbc2251613b2ebe5beb":         "strongSwan",
		"4f452d4c69627265737761" + "6e2d342e3130":  "Libreswan 2d342e3130",
		"1e2b516905991c7d7c96fcbfb587e46100000009": "MS NT5 ISAKMPOAKLEY 00000009",
		"8299031757a36082c6a621de00050282":         "FortiGate 00050282",
		"0102":                                     "0102",
		strings.Repeat("ab", 65):                   strings.Repeat("ab", 64) + "… (65 octets)",
		"afcad71368a1f1c96b8696fc77":               "afcad71368a1f1c96b8696fc77",
	} {
		octets, err := hex.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := VendorID(octets).Summary(); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}

// Every vendor ID that is sent is one that is recognised as itself.
func TestVendorPayloads(t *testing.T) {
	for _, v := range vendors {
		if got, ok := LookupVendor(v.Payload()); !ok || got.Name != v.Name {
			t.Errorf("%s is recognised as %q", v.Name, got.Name)
		}
	}
	if got := hex.EncodeToString(VendorFragmentation.Payload()); got != "4048b7d56ebce88525e7de7f00d6c2d380000000" {
		t.Error(got)
	}
}
