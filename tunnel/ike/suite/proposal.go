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
