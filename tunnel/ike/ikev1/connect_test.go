package ikev1

import (
	"strings"
	"testing"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func TestAggressiveModeToTheFirstPair(t *testing.T) {
	b := newBench(t, nil).start()
	b.wantUp()
	up := last[ike.IKEUp](b)
	if up.Exchange != "aggressive" || up.Proposal.String() != "3des-sha1-modp1024" || up.NAT != "none" || up.Rekey {
		t.Errorf("%+v", up)
	}
	pair := last[ike.ChildUp](b)
	if pair.Encap || pair.Replaces != 0 || pair.Local[0].String() != "192.168.10.201/32" || pair.Remote[0] != trusted {
		t.Errorf("%+v", pair)
	}
	if b.sending() != pair.SPIIn {
		t.Error("outbound packets take another pair")
	}
	for _, line := range []string{
		"TO 198.51.100.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID ISA_VENDORID",
		"FROM 198.51.100.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID",
		"TO 198.51.100.1 AG-HDR* ISA_HASH",
		"Phase 1 completed as initiator",
		"TO 198.51.100.1 QM-HDR*-", "ISA_HASH ISA_SA ISA_NONCE ISA_ID ISA_ID\n",
		"Load outbound ESP SA, Algs=ESP_3DES/AUTH_ALG_HMAC_SHA1 Life=3600sec/0KB SPI=",
		"Load inbound ESP SA, Algs=ESP_3DES/AUTH_ALG_HMAC_SHA1 Life=3600sec/0KB SPI=",
		"Committing SAs established with QM message_id=",
		" CKY-I=", " CKY-R=",
	} {
		b.wantLog(line)
	}
}

func TestMainModeToTheFirstPair(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.Aggressive = false }).start()
	b.wantUp()
	if up := last[ike.IKEUp](b); up.Exchange != "main" {
		t.Errorf("%+v", up)
	}
	b.wantLog("TO 198.51.100.1 MM-HDR* ISA_ID ISA_HASH")
}

func TestStepsInOrder(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, _ *firebox) { c.Aggressive = aggressive }).start()
		var steps []string
		for _, s := range all[ike.Step](b) {
			steps = append(steps, s.Name)
		}
		if got := strings.Join(steps, " "); got != "contacting authenticating configuring" {
			t.Error(got)
		}
	}
}

func TestEveryProposal(t *testing.T) {
	for _, c := range []struct{ phase1, phase2 string }{
		{"des-md5-modp768", "des-md5"}, {"3des-md5-modp1024", "3des-sha1"},
		{"aes128-sha1-modp1536", "aes128-sha1"}, {"aes192-sha256-modp2048", "aes192-sha256"},
		{"aes256-sha384-modp3072", "aes256-sha384"}, {"aes256-sha512-modp4096", "aes256-sha512"},
		{"aes128-sha256-ecp256", "aes128gcm16"}, {"aes256-sha384-ecp384", "aes256gcm8"},
		{"aes256-sha512-ecp521", "aes256gcm12"}, {"aes256-sha1-modp8192", "aes128-md5"},
	} {
		for _, aggressive := range []bool{true, false} {
			if !aggressive && strings.HasSuffix(c.phase1, "modp8192") {
				continue // slow enough once
			}
			b := newBench(t, func(cfg *ike.Config, _ *firebox) {
				cfg.Aggressive, cfg.Legacy = aggressive, true
				cfg.Phase1[0], cfg.Phase2[0] = proposal(t, c.phase1), proposal(t, c.phase2)
			}).start()
			b.wantUp()
			if up := last[ike.IKEUp](b); up.Proposal.String() != c.phase1 {
				t.Errorf("%s: %s", c.phase1, up.Proposal)
			}
			if up := last[ike.ChildUp](b); up.Proposal.String() != c.phase2 {
				t.Errorf("%s: %s", c.phase2, up.Proposal)
			}
		}
	}
}

func TestPerfectForwardSecrecy(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.PFS = "ecp256" }).start()
	b.wantUp()
	if up := last[ike.ChildUp](b); up.Proposal.Group != "ecp256" {
		t.Errorf("%+v", up.Proposal)
	}
	q := b.f.messages(wire.ExchangeQuick)[0]
	if ke, ok := wire.Get[wire.KeyExchange](q.payloads); !ok || len(ke) != 64 {
		t.Error("no KE of 64 octets in message 1")
	}
}
