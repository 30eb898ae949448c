package suite

// Proposal names the algorithms of one proposal or of one negotiated SA by
// strongSwan's keywords, the product's one vocabulary for algorithms:
//
//	Encryption  des 3des aes128 aes192 aes256 aes128gcm16 aes256gcm16 chacha20poly1305 null …
//	Integrity   md5 sha1 sha256 sha256_96 sha384 sha512; empty with an AEAD
//	PRF         as Integrity; empty: the same hash (IKEv1 knows nothing else)
//	Group       modp768 modp1024 modp1536 modp2048 modp3072 modp4096 modp8192
//	            ecp256 ecp384 ecp521 curve25519; empty: none
//
// It has the layout of profile.Proposal, so that one converts to the other.
type Proposal struct {
	Encryption string
	Integrity  string
	PRF        string
	Group      string
}

// String joins the keywords as a profile writes them: "3des-sha1-modp1024".
func (p Proposal) String() string {
	s := p.Encryption
	for _, part := range []string{p.Integrity, p.PRF, p.Group} {
		if part != "" {
			s += "-" + part
		}
	}
	return s
}

// Broken says that p has a part which is no protection any more: DES, MD5 or
// group 1. A profile allows those with security = "legacy" only.
func (p Proposal) Broken() bool {
	return p.Encryption == "des" || p.Encryption == "null" ||
		p.Integrity == "md5" || p.PRF == "md5" || p.Group == "modp768"
}

// Algs names the algorithms of an ESP SA in the words of the log:
// "ESP_3DES/AUTH_ALG_HMAC_SHA1".
func (p Proposal) Algs() string {
	e, err := EncryptionByKeyword(p.Encryption)
	if err != nil {
		return p.String()
	}
	if p.Integrity == "" {
		return e.ESPName
	}
	h, err := HashByKeyword(p.Integrity)
	if err != nil {
		return p.String()
	}
	return e.ESPName + "/" + h.ESPName
}
