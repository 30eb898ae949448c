package wire

import (
	"fmt"
	"strings"
)

// name looks up n, and is the number where there is no name.
func name[N ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int](names map[N]string, n N) string {
	if s, ok := names[n]; ok {
		return s
	}
	return fmt.Sprint(uint64(n))
}

// hexBrief is b in hexadecimal, cut after 64 octets: a log line stays a line.
func hexBrief(b []byte) string {
	const most = 64
	if len(b) > most {
		return fmt.Sprintf("%x… (%d octets)", b[:most], len(b))
	}
	return fmt.Sprintf("%x", b)
}

// abbreviation is what a Firebox calls the exchange in front of "-HDR".
func (e Exchange) abbreviation() string {
	return name(map[Exchange]string{
		ExchangeMain:          "MM",
		ExchangeAggressive:    "AG",
		ExchangeInformational: "IF",
		ExchangeTransaction:   "TR",
		ExchangeQuick:         "QM",
		ExchangeNewGroup:      "NG",
		ExchangeIKESAInit:     "IKE_SA_INIT",
	}, e)
}

// String is the exchange in words, or its number.
func (e Exchange) String() string {
	return name(map[Exchange]string{
		ExchangeMain:          "Main Mode",
		ExchangeAggressive:    "Aggressive Mode",
		ExchangeInformational: "Informational",
		ExchangeTransaction:   "Transaction",
		ExchangeQuick:         "Quick Mode",
		ExchangeNewGroup:      "New Group Mode",
		ExchangeIKESAInit:     "IKE_SA_INIT",
	}, e)
}

var payloadNames = map[PayloadType]string{
	None:            "ISA_NONE",
	TypeSA:          "ISA_SA",
	TypeKE:          "ISA_KE",
	TypeID:          "ISA_ID",
	TypeCert:        "ISA_CERT",
	TypeCertRequest: "ISA_CERTREQ",
	TypeHash:        "ISA_HASH",
	TypeSignature:   "ISA_SIG",
	TypeNonce:       "ISA_NONCE",
	TypeNotify:      "ISA_NOTIFY",
	TypeDelete:      "ISA_DELETE",
	TypeVendorID:    "ISA_VENDORID",
	TypeConfig:      "ISA_CONFIG",
	TypeNATD:        "ISA_NATD",
	TypeNATOA:       "ISA_NATOA",
	TypeNATDDraft:   "ISA_NATD",
	TypeNATOADraft:  "ISA_NATOA",
	TypeFragment:    "ISA_FRAGMENT",
}

// String is the payload in the Firebox's words, such as ISA_NONCE.
func (t PayloadType) String() string {
	if s, ok := payloadNames[t]; ok {
		return s
	}
	return fmt.Sprintf("ISA_%d", uint8(t))
}

// String is the protocol's name.
func (p Protocol) String() string {
	return name(map[Protocol]string{
		ProtocolISAKMP: "ISAKMP", ProtocolAH: "AH", ProtocolESP: "ESP", ProtocolIPCOMP: "IPCOMP",
	}, p)
}

// String is the type's name in RFC 2407 section 4.6.2.1, without "ID_".
func (t IDType) String() string {
	return name(map[IDType]string{
		IDIPv4: "IPV4_ADDR", IDFQDN: "FQDN", IDUserFQDN: "USER_FQDN", IDIPv4Subnet: "IPV4_ADDR_SUBNET",
		IDIPv6: "IPV6_ADDR", IDIPv6Subnet: "IPV6_ADDR_SUBNET", IDIPv4Range: "IPV4_ADDR_RANGE",
		IDIPv6Range: "IPV6_ADDR_RANGE", IDDERASN1DN: "DER_ASN1_DN", IDDERASN1GN: "DER_ASN1_GN", IDKeyID: "KEY_ID",
	}, t)
}

// String is the configuration type's name.
func (t ConfigType) String() string {
	return name(map[ConfigType]string{
		ConfigRequest: "CFG_REQUEST", ConfigReply: "CFG_REPLY", ConfigSet: "CFG_SET", ConfigAck: "CFG_ACK",
	}, t)
}

var notifyNames = map[NotifyType]string{
	NotifyInvalidPayloadType:      "INVALID-PAYLOAD-TYPE",
	NotifyDOINotSupported:         "DOI-NOT-SUPPORTED",
	NotifySituationNotSupported:   "SITUATION-NOT-SUPPORTED",
	NotifyInvalidCookie:           "INVALID-COOKIE",
	NotifyInvalidMajorVersion:     "INVALID-MAJOR-VERSION",
	NotifyInvalidMinorVersion:     "INVALID-MINOR-VERSION",
	NotifyInvalidExchangeType:     "INVALID-EXCHANGE-TYPE",
	NotifyInvalidFlags:            "INVALID-FLAGS",
	NotifyInvalidMessageID:        "INVALID-MESSAGE-ID",
	NotifyInvalidProtocolID:       "INVALID-PROTOCOL-ID",
	NotifyInvalidSPI:              "INVALID-SPI",
	NotifyInvalidTransformID:      "INVALID-TRANSFORM-ID",
	NotifyAttributesNotSupported:  "ATTRIBUTES-NOT-SUPPORTED",
	NotifyNoProposalChosen:        "NO-PROPOSAL-CHOSEN",
	NotifyBadProposalSyntax:       "BAD-PROPOSAL-SYNTAX",
	NotifyPayloadMalformed:        "PAYLOAD-MALFORMED",
	NotifyInvalidKeyInformation:   "INVALID-KEY-INFORMATION",
	NotifyInvalidIDInformation:    "INVALID-ID-INFORMATION",
	NotifyInvalidCertEncoding:     "INVALID-CERT-ENCODING",
	NotifyInvalidCertificate:      "INVALID-CERTIFICATE",
	NotifyCertTypeUnsupported:     "CERT-TYPE-UNSUPPORTED",
	NotifyInvalidCertAuthority:    "INVALID-CERT-AUTHORITY",
	NotifyInvalidHashInformation:  "INVALID-HASH-INFORMATION",
	NotifyAuthenticationFailed:    "AUTHENTICATION-FAILED",
	NotifyInvalidSignature:        "INVALID-SIGNATURE",
	NotifyAddressNotification:     "ADDRESS-NOTIFICATION",
	NotifyNotifySALifetime:        "NOTIFY-SA-LIFETIME",
	NotifyCertificateUnavailable:  "CERTIFICATE-UNAVAILABLE",
	NotifyUnsupportedExchangeType: "UNSUPPORTED-EXCHANGE-TYPE",
	NotifyUnequalPayloadLengths:   "UNEQUAL-PAYLOAD-LENGTHS",
	NotifyConnected:               "CONNECTED",
	NotifyResponderLifetime:       "RESPONDER-LIFETIME",
	NotifyReplayStatus:            "REPLAY-STATUS",
	NotifyInitialContact:          "INITIAL-CONTACT",
	NotifyRUThere:                 "R-U-THERE",
	NotifyRUThereAck:              "R-U-THERE-ACK",
	NotifyNetScreenNHTB:           "NETSCREEN-NHTB",
	NotifyCiscoLoadBalance:        "CISCO-LOAD-BALANCE",
}

// String is the notification's name with its number, as helpdesks need both.
func (n NotifyType) String() string {
	s, ok := notifyNames[n]
	switch {
	case ok:
	case n >= notifyFirstPrivateError && n < notifyFirstStatus:
		s = "private error"
	case n.IsError():
		s = "unknown error"
	default:
		s = "unknown status"
	}
	return fmt.Sprintf("%s (%d)", s, uint16(n))
}

var configNames = map[AttributeType]string{
	AttrIP4Address: "INTERNAL_IP4_ADDRESS", AttrIP4Netmask: "INTERNAL_IP4_NETMASK", AttrIP4DNS: "INTERNAL_IP4_DNS",
	AttrIP4NBNS: "INTERNAL_IP4_NBNS", AttrAddressExpiry: "INTERNAL_ADDRESS_EXPIRY", AttrIP4DHCP: "INTERNAL_IP4_DHCP",
	AttrApplicationVers: "APPLICATION_VERSION", AttrIP6Address: "INTERNAL_IP6_ADDRESS", AttrIP6Netmask: "INTERNAL_IP6_NETMASK",
	AttrIP6DNS: "INTERNAL_IP6_DNS", AttrIP6NBNS: "INTERNAL_IP6_NBNS", AttrIP6DHCP: "INTERNAL_IP6_DHCP",
	AttrIP4Subnet: "INTERNAL_IP4_SUBNET", AttrSupportedAttrs: "SUPPORTED_ATTRIBUTES", AttrIP6Subnet: "INTERNAL_IP6_SUBNET",
	AttrXAuthType: "XAUTH_TYPE", AttrXAuthUser: "XAUTH_USER_NAME", AttrXAuthPassword: "XAUTH_USER_PASSWORD",
	AttrXAuthPasscode: "XAUTH_PASSCODE", AttrXAuthMessage: "XAUTH_MESSAGE", AttrXAuthChallenge: "XAUTH_CHALLENGE",
	AttrXAuthDomain: "XAUTH_DOMAIN", AttrXAuthStatus: "XAUTH_STATUS", AttrXAuthNextPIN: "XAUTH_NEXT_PIN",
	AttrXAuthAnswer: "XAUTH_ANSWER", AttrUnityBanner: "UNITY_BANNER", AttrUnitySavePasswd: "UNITY_SAVE_PASSWD",
	AttrUnityDomain: "UNITY_DEF_DOMAIN", AttrUnitySplitDNS: "UNITY_SPLITDNS_NAME", AttrUnitySplitInc: "UNITY_SPLIT_INCLUDE",
	AttrUnityUDPPort: "UNITY_NATT_PORT", AttrUnitySplitExc: "UNITY_LOCAL_LAN", AttrUnityPFS: "UNITY_PFS",
	AttrUnityFirewall: "UNITY_FW_TYPE", AttrUnityBackup: "UNITY_BACKUP_SERVERS", AttrUnityDDNSName: "UNITY_DDNS_HOSTNAME",
}

// ConfigName is the name of an attribute in a configuration payload.
func (t AttributeType) ConfigName() string { return name(configNames, t) }

// EncryptionName is the name of a cipher of Phase 1 (RFC 2409 appendix A).
func EncryptionName(n uint64) string {
	return name(map[uint64]string{
		1: "DES_CBC", 2: "IDEA_CBC", 3: "BLOWFISH_CBC", 4: "RC5_CBC", 5: "3DES_CBC", 6: "CAST_CBC", 7: "AES_CBC",
	}, n)
}

// HashName is the name of a hash of Phase 1.
func HashName(n uint64) string {
	return name(map[uint64]string{
		1: "MD5", 2: "SHA1", 3: "TIGER", 4: "SHA2_256", 5: "SHA2_384", 6: "SHA2_512",
	}, n)
}

// AuthenticationName is the name of an authentication method of Phase 1.
func AuthenticationName(n uint64) string {
	return name(map[uint64]string{
		AuthPSK: "PSK", AuthDSSSignature: "DSS_SIG", AuthRSASignature: "RSA_SIG", AuthRSAEncryption: "RSA_ENC",
		AuthRSAEncryptionRevised: "RSA_ENC_REVISED", AuthXAuthInitPSK: "XAUTH_INIT_PSK", AuthXAuthRespPSK: "XAUTH_RESP_PSK",
		AuthXAuthInitRSA: "XAUTH_INIT_RSA", AuthXAuthRespRSA: "XAUTH_RESP_RSA",
		AuthHybridInitRSA: "HYBRID_INIT_RSA", AuthHybridRespRSA: "HYBRID_RESP_RSA",
	}, n)
}

// GroupName is the name of a Diffie-Hellman group.
func GroupName(n uint64) string {
	return name(map[uint64]string{
		1: "MODP_768", 2: "MODP_1024", 5: "MODP_1536", 14: "MODP_2048", 15: "MODP_3072", 16: "MODP_4096",
		17: "MODP_6144", 18: "MODP_8192", 19: "ECP_256", 20: "ECP_384", 21: "ECP_521", 22: "MODP_1024_S160",
		23: "MODP_2048_S224", 24: "MODP_2048_S256",
	}, n)
}

// ESPTransformName is the name of a cipher of ESP in the Firebox's words.
func ESPTransformName(id TransformID) string {
	return name(map[TransformID]string{
		TransformESPDESIV64: "ESP_DES_IV64", TransformESPDES: "ESP_DES", TransformESP3DES: "ESP_3DES",
		TransformESPRC5: "ESP_RC5", TransformESPIDEA: "ESP_IDEA", TransformESPCAST: "ESP_CAST",
		TransformESPBlowfish: "ESP_BLOWFISH", TransformESP3IDEA: "ESP_3IDEA", TransformESPDESIV32: "ESP_DES_IV32",
		TransformESPRC4: "ESP_RC4", TransformESPNull: "ESP_NULL", TransformESPAES: "ESP_AES",
		TransformESPAESCTR: "ESP_AES_CTR", TransformESPAESGCM8: "ESP_AES_GCM_8", TransformESPAESGCM12: "ESP_AES_GCM_12",
		TransformESPAESGCM16: "ESP_AES_GCM_16", TransformESPNullGMAC: "ESP_NULL_AUTH_AES_GMAC",
	}, id)
}

// ESPAuthenticationName is the name of an authentication algorithm of ESP in
// the Firebox's words.
func ESPAuthenticationName(n uint64) string {
	return name(map[uint64]string{
		1: "AUTH_ALG_HMAC_MD5", 2: "AUTH_ALG_HMAC_SHA1", 3: "AUTH_ALG_DES_MAC", 4: "AUTH_ALG_KPDK",
		5: "AUTH_ALG_HMAC_SHA2_256", 6: "AUTH_ALG_HMAC_SHA2_384", 7: "AUTH_ALG_HMAC_SHA2_512",
	}, n)
}

// EncapsulationName is the name of an encapsulation mode.
func EncapsulationName(n uint64) string {
	return name(map[uint64]string{
		EncapTunnel: "Tunnel", EncapTransport: "Transport", EncapUDPTunnel: "UDP-Tunnel", EncapUDPTransport: "UDP-Transport",
		EncapUDPTunnelDraft: "UDP-Tunnel (draft)", EncapUDPTransportDraft: "UDP-Transport (draft)",
	}, n)
}

// Summary is the transform of protocol p in words, attribute by attribute in
// the order in which they came.
func (t Transform) Summary(p Protocol) string {
	var words []string
	if p == ProtocolESP {
		words = append(words, ESPTransformName(t.ID))
	}
	for _, a := range t.Attributes {
		words = append(words, a.transformWord(p))
	}
	return strings.Join(words, " ")
}

// transformWord is an attribute of a transform of protocol p in words.
func (a Attribute) transformWord(p Protocol) string {
	n, ok := a.Uint()
	if !ok {
		return a.String()
	}
	if p == ProtocolISAKMP {
		return phase1Word(a.Type, n)
	}
	return phase2Word(a.Type, n)
}

// phase1Word is the attribute t with value n of a Phase 1 transform.
func phase1Word(t AttributeType, n uint64) string {
	switch t {
	case AttrEncryption:
		return EncryptionName(n)
	case AttrHash:
		return HashName(n)
	case AttrAuthentication:
		return AuthenticationName(n)
	case AttrGroup:
		return GroupName(n)
	case AttrLifeType:
		return lifeType(n)
	case AttrLifeDuration:
		return fmt.Sprintf("Life=%d", n)
	case AttrKeyLength:
		return fmt.Sprintf("KeyLen=%d", n)
	}
	return fmt.Sprintf("attribute %d=%d", t, n)
}

// phase2Word is the attribute t with value n of a Phase 2 transform.
func phase2Word(t AttributeType, n uint64) string {
	switch t {
	case AttrESPLifeType:
		return lifeType(n)
	case AttrESPLifeDuration:
		return fmt.Sprintf("Life=%d", n)
	case AttrESPGroup:
		return GroupName(n)
	case AttrESPEncapsulation:
		return EncapsulationName(n)
	case AttrESPAuthentication:
		return ESPAuthenticationName(n)
	case AttrESPKeyLength:
		return fmt.Sprintf("KeyLen=%d", n)
	}
	return fmt.Sprintf("attribute %d=%d", t, n)
}

// lifeType is the unit of the lifetime that follows.
func lifeType(n uint64) string {
	return name(map[uint64]string{LifeSeconds: "sec:", LifeKilobytes: "KB:"}, n)
}
