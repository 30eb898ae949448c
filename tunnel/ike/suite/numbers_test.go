package suite

import "testing"

func TestPhase1Numbers(t *testing.T) {
	for _, c := range []struct {
		p Proposal
		n Phase1Numbers
	}{
		{Proposal{Encryption: "des", Integrity: "md5", Group: "modp768"}, Phase1Numbers{1, 1, 1, 0}},
		{Proposal{Encryption: "3des", Integrity: "sha1", Group: "modp1024"}, Phase1Numbers{5, 2, 2, 0}},
		{Proposal{Encryption: "aes128", Integrity: "sha256", Group: "modp1536"}, Phase1Numbers{7, 4, 5, 128}},
		{Proposal{Encryption: "aes192", Integrity: "sha384", Group: "modp2048"}, Phase1Numbers{7, 5, 14, 192}},
		{Proposal{Encryption: "aes256", Integrity: "sha512", Group: "ecp521"}, Phase1Numbers{7, 6, 21, 256}},
	} {
		n, err := c.p.Phase1()
		if err != nil || n != c.n {
			t.Errorf("%s: %+v, %v", c.p, n, err)
		}
		p, err := c.n.Proposal()
		if err != nil || p != c.p {
			t.Errorf("%+v: %s, %v", c.n, p, err)
		}
	}
}

func TestPhase2Numbers(t *testing.T) {
	for _, c := range []struct {
		p Proposal
		n Phase2Numbers
	}{
		{Proposal{Encryption: "des", Integrity: "md5"}, Phase2Numbers{2, 0, 1, 0}},
		{Proposal{Encryption: "3des", Integrity: "sha1"}, Phase2Numbers{3, 0, 2, 0}},
		{Proposal{Encryption: "aes256", Integrity: "sha256", Group: "modp2048"}, Phase2Numbers{12, 14, 5, 256}},
		{Proposal{Encryption: "aes128", Integrity: "sha512", Group: "ecp256"}, Phase2Numbers{12, 19, 7, 128}},
		{Proposal{Encryption: "aes128gcm16"}, Phase2Numbers{20, 0, 0, 128}},
		{Proposal{Encryption: "aes256gcm8"}, Phase2Numbers{18, 0, 0, 256}},
		{Proposal{Encryption: "null", Integrity: "sha1"}, Phase2Numbers{11, 0, 2, 0}},
	} {
		n, err := c.p.Phase2()
		if err != nil || n != c.n {
			t.Errorf("%s: %+v, %v", c.p, n, err)
		}
		p, err := c.n.Proposal()
		if err != nil || p != c.p {
			t.Errorf("%+v: %s, %v", c.n, p, err)
		}
	}
}

func TestTruncatedSHA256HasTheSameNumber(t *testing.T) {
	n, err := Proposal{Encryption: "aes128", Integrity: "sha256_96"}.Phase2()
	if err != nil || n.Auth != 5 {
		t.Errorf("%+v, %v", n, err)
	}
}

// TestQuirk08AESWithoutKeyLength: AES without Key Length means 128.
func TestQuirk08AESWithoutKeyLength(t *testing.T) {
	p, err := Phase1Numbers{Encryption: 7, Hash: 2, Group: 2}.Proposal()
	if err != nil || p.Encryption != "aes128" {
		t.Errorf("Phase 1: %s, %v", p, err)
	}
	p, err = Phase2Numbers{Transform: 12, Auth: 2}.Proposal()
	if err != nil || p.Encryption != "aes128" {
		t.Errorf("Phase 2: %s, %v", p, err)
	}
}

func TestFixedKeyLengthMayBeRepeated(t *testing.T) {
	if p, err := (Phase1Numbers{5, 2, 2, 192}).Proposal(); err != nil || p.Encryption != "3des" {
		t.Errorf("%s, %v", p, err)
	}
	if p, err := (Phase1Numbers{5, 2, 2, 128}).Proposal(); err == nil {
		t.Errorf("3DES with 128 bits is %s", p)
	}
}

func TestUnknownNumbers(t *testing.T) {
	for _, n := range []Phase1Numbers{{3, 2, 2, 0}, {5, 3, 2, 0}, {5, 2, 3, 0}, {7, 2, 2, 100}, {0, 2, 2, 0}, {5, 0, 2, 0}} {
		if p, err := n.Proposal(); err == nil {
			t.Errorf("%+v is %s", n, p)
		}
	}
	for _, n := range []Phase2Numbers{{0, 0, 2, 0}, {7, 0, 2, 0}, {3, 0, 99, 0}, {3, 99, 2, 0}, {12, 0, 2, 64}} {
		if p, err := n.Proposal(); err == nil {
			t.Errorf("%+v is %s", n, p)
		}
	}
}

func TestProposalsWithoutNumbers(t *testing.T) {
	for _, p := range []Proposal{
		{Encryption: "x", Integrity: "sha1", Group: "modp1024"}, {Encryption: "3des", Integrity: "x", Group: "modp1024"},
		{Encryption: "3des", Integrity: "sha1", Group: "x"}, {Encryption: "aes128gcm16", Integrity: "sha1", Group: "modp1024"},
		{Encryption: "3des", Integrity: "sha256_96", Group: "modp1024"},
	} {
		if n, err := p.Phase1(); err == nil {
			t.Errorf("%s has the numbers %+v", p, n)
		}
	}
	for _, p := range []Proposal{
		{Encryption: "chacha20poly1305"}, {Encryption: "3des", Integrity: "x"}, {Encryption: "3des", Integrity: "sha1", Group: "x"},
	} {
		if n, err := p.Phase2(); err == nil {
			t.Errorf("%s has the numbers %+v", p, n)
		}
	}
}

func TestWordsOfProposals(t *testing.T) {
	for _, c := range []struct {
		p       Proposal
		s, algs string
		broken  bool
	}{
		{Proposal{Encryption: "3des", Integrity: "sha1"}, "3des-sha1", "ESP_3DES/AUTH_ALG_HMAC_SHA1", false},
		{Proposal{Encryption: "des", Integrity: "md5", Group: "modp768"}, "des-md5-modp768", "ESP_DES/AUTH_ALG_HMAC_MD5", true},
		{Proposal{Encryption: "aes256gcm16"}, "aes256gcm16", "ESP_AES256_GCM_16", false},
		{Proposal{Encryption: "3des", Integrity: "sha1", Group: "modp768"}, "3des-sha1-modp768", "ESP_3DES/AUTH_ALG_HMAC_SHA1", true},
		{Proposal{Encryption: "rot13", Integrity: "sha1"}, "rot13-sha1", "rot13-sha1", false},
		{Proposal{Encryption: "3des", Integrity: "tiger"}, "3des-tiger", "3des-tiger", false},
	} {
		if c.p.String() != c.s || c.p.Algs() != c.algs || c.p.Broken() != c.broken {
			t.Errorf("%s, %s, %t; want %+v", c.p, c.p.Algs(), c.p.Broken(), c)
		}
	}
}
