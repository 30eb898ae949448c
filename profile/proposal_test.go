package profile

import "testing"

func TestIKEProposals(t *testing.T) {
	for text, want := range map[string]Proposal{
		"des-md5-modp768":              {"des", "md5", "", "modp768"},
		"3des-sha1-modp1024":           {"3des", "sha1", "", "modp1024"},
		"aes-sha-modp1024":             {"aes128", "sha1", "", "modp1024"},
		"modp2048-sha2_256-aes256":     {"aes256", "sha256", "", "modp2048"},
		"aes256gcm16-prfsha384-ecp384": {"aes256gcm16", "", "sha384", "ecp384"},
		"aes128-sha1-prfsha256-x25519": {"aes128", "sha1", "sha256", "curve25519"},
	} {
		if got, err := ParseIKEProposal(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "-", "des", "des-md5", "md5-modp768", "des-3des-md5-modp768", "des-md5-modp769", "DES-MD5-MODP768",
		"aes256gcm16-sha1-modp1024", "aes256gcm16-modp1024", "aes256-sha256_96-modp2048", "des-md5-modp768-", "prf-des-md5-modp768",
	} {
		if got, err := ParseIKEProposal(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

func TestESPProposals(t *testing.T) {
	for text, want := range map[string]Proposal{
		"3des-sha1":        {"3des", "sha1", "", ""},
		"aes256gcm16":      {"aes256gcm16", "", "", ""},
		"aes128-sha256_96": {"aes128", "sha256_96", "", ""},
	} {
		if got, err := ParseESPProposal(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"3des", "sha1", "3des-sha1-modp1024", "aes256gcm16-sha1", "aes256gcm16-prfsha1", "3des-sha1-sha1"} {
		if got, err := ParseESPProposal(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

func TestProposalIsWrittenAsItIsRead(t *testing.T) {
	for _, text := range []string{"aes256-sha256-modp2048", "aes256gcm16-prfsha256-ecp256", "aes128-sha1-prfsha256-modp3072"} {
		if p, err := ParseIKEProposal(text); err != nil || p.String() != text {
			t.Errorf("%s became %s, %v", text, p, err)
		}
	}
}

func TestTheWeakestPartCounts(t *testing.T) {
	ike := func(s string) Proposal { p, _ := ParseIKEProposal(s); return p }
	esp := func(s string) Proposal { p, _ := ParseESPProposal(s); return p }
	for _, test := range []struct {
		aggressivePSK bool
		ike, esp      string
		want          Strength
	}{
		{false, "aes256-sha256-modp2048", "aes256gcm16", Strong},
		{true, "aes256-sha256-modp2048", "aes256gcm16", Aging},
		{false, "aes256-sha1-modp2048", "aes256gcm16", Aging},
		{false, "aes256-sha256-modp1536", "aes256gcm16", Aging},
		{false, "aes256-sha256-modp2048", "3des-sha256", Aging},
		{false, "aes256-sha256-modp2048", "aes256-md5", Broken},
		{true, "des-sha1-modp1024", "3des-sha1", Broken},
		{true, "3des-sha1-modp768", "3des-sha1", Broken},
	} {
		if got := Negotiated(test.aggressivePSK, ike(test.ike), esp(test.esp)); got != test.want {
			t.Errorf("%s and %s, aggressive PSK %v: %s, want %s", test.ike, test.esp, test.aggressivePSK, got, test.want)
		}
	}
}

func TestStrengthOfAProfileIsARange(t *testing.T) {
	p := office()
	p.IKE.Exchange = "main"
	p.IKE.Proposals = []string{"aes256-sha256-modp2048", "des-md5-modp768", "nonsense"}
	p.ESP.Proposals = []string{"aes256-sha256"}
	if weakest, best := p.Strength(); weakest != Broken || best != Strong {
		t.Errorf("from %s to %s, want broken to strong", weakest, best)
	}
	if p.IKE.Exchange = ""; !p.AggressivePSK() || !p.NeedsLegacy() {
		t.Error("the default exchange with a PSK is Aggressive Mode, and DES needs legacy")
	}
	if _, best := p.Strength(); best != Aging {
		t.Errorf("Aggressive Mode with a PSK can be %s", best)
	}
}
