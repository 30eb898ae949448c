package wire

// PayloadType is the number of a payload in a chain.
type PayloadType uint8

// The payload types (RFC 2408 section 3.1, RFC 3947 section 3.2 and 5.2, the
// drafts 00-03 of NAT-T, draft-dukes-ike-mode-cfg-02, and the fragment payload
// of Cisco and Microsoft). 15 was NAT-D in the drafts 04-08 and is another
// payload in RFC 3547: it stays Unknown.
const (
	None            PayloadType = 0
	TypeSA          PayloadType = 1
	TypeKE          PayloadType = 4
	TypeID          PayloadType = 5
	TypeCert        PayloadType = 6
	TypeCertRequest PayloadType = 7
	TypeHash        PayloadType = 8
	TypeSignature   PayloadType = 9
	TypeNonce       PayloadType = 10
	TypeNotify      PayloadType = 11
	TypeDelete      PayloadType = 12
	TypeVendorID    PayloadType = 13
	TypeConfig      PayloadType = 14
	TypeNATD        PayloadType = 20
	TypeNATOA       PayloadType = 21
	TypeNATDDraft   PayloadType = 130
	TypeNATOADraft  PayloadType = 131
	TypeFragment    PayloadType = 132
)

// Exchange is an exchange type of the header.
type Exchange uint8

// The exchange types of IKEv1, and the first of IKEv2.
const (
	ExchangeMain          Exchange = 2
	ExchangeAggressive    Exchange = 4
	ExchangeInformational Exchange = 5
	ExchangeTransaction   Exchange = 6
	ExchangeQuick         Exchange = 32
	ExchangeNewGroup      Exchange = 33
	ExchangeIKESAInit     Exchange = 34 // IKEv2 (RFC 7296)
)

// Protocol is a security protocol (RFC 2407 section 4.4.1).
type Protocol uint8

// The protocols.
const (
	ProtocolISAKMP Protocol = 1
	ProtocolAH     Protocol = 2
	ProtocolESP    Protocol = 3
	ProtocolIPCOMP Protocol = 4
)

// TransformID is a transform of a protocol (RFC 2407 section 4.4).
type TransformID uint8

// KEY_IKE is the one transform of ISAKMP; the others are ciphers of ESP (RFC
// 2407 section 4.4.4 and its successors).
const (
	TransformKeyIKE TransformID = 1

	TransformESPDESIV64  TransformID = 1
	TransformESPDES      TransformID = 2
	TransformESP3DES     TransformID = 3
	TransformESPRC5      TransformID = 4
	TransformESPIDEA     TransformID = 5
	TransformESPCAST     TransformID = 6
	TransformESPBlowfish TransformID = 7
	TransformESP3IDEA    TransformID = 8
	TransformESPDESIV32  TransformID = 9
	TransformESPRC4      TransformID = 10
	TransformESPNull     TransformID = 11
	TransformESPAES      TransformID = 12
	TransformESPAESCTR   TransformID = 13
	TransformESPAESGCM8  TransformID = 18
	TransformESPAESGCM12 TransformID = 19
	TransformESPAESGCM16 TransformID = 20
	TransformESPNullGMAC TransformID = 23
)

// Attributes of a Phase 1 transform (RFC 2409 appendix A).
const (
	AttrEncryption     AttributeType = 1
	AttrHash           AttributeType = 2
	AttrAuthentication AttributeType = 3
	AttrGroup          AttributeType = 4
	AttrGroupType      AttributeType = 5
	AttrLifeType       AttributeType = 11
	AttrLifeDuration   AttributeType = 12
	AttrPRF            AttributeType = 13
	AttrKeyLength      AttributeType = 14
)

// Attributes of a Phase 2 transform and of RESPONDER-LIFETIME for ESP (RFC
// 2407 section 4.5).
const (
	AttrESPLifeType       AttributeType = 1
	AttrESPLifeDuration   AttributeType = 2
	AttrESPGroup          AttributeType = 3
	AttrESPEncapsulation  AttributeType = 4
	AttrESPAuthentication AttributeType = 5
	AttrESPKeyLength      AttributeType = 6
)

// Life types (RFC 2409 appendix A, RFC 2407 section 4.5).
const (
	LifeSeconds   = 1
	LifeKilobytes = 2
)

// Authentication methods of Phase 1 (RFC 2409 appendix A, the XAuth and hybrid
// drafts).
const (
	AuthPSK                  = 1
	AuthDSSSignature         = 2
	AuthRSASignature         = 3
	AuthRSAEncryption        = 4
	AuthRSAEncryptionRevised = 5
	AuthHybridInitRSA        = 64221
	AuthHybridRespRSA        = 64222
	AuthXAuthInitPSK         = 65001
	AuthXAuthRespPSK         = 65002
	AuthXAuthInitRSA         = 65005
	AuthXAuthRespRSA         = 65006
)

// Encapsulation modes of Phase 2 (RFC 2407 section 4.5, RFC 3947 section 5.1,
// and its drafts).
const (
	EncapTunnel            = 1
	EncapTransport         = 2
	EncapUDPTunnel         = 3
	EncapUDPTransport      = 4
	EncapUDPTunnelDraft    = 61443
	EncapUDPTransportDraft = 61444
)

// NotifyType is a notify message type (RFC 2408 section 3.14.1).
type NotifyType uint16

// The notify messages: errors below 16384, status from there.
const (
	NotifyInvalidPayloadType      NotifyType = 1
	NotifyDOINotSupported         NotifyType = 2
	NotifySituationNotSupported   NotifyType = 3
	NotifyInvalidCookie           NotifyType = 4
	NotifyInvalidMajorVersion     NotifyType = 5
	NotifyInvalidMinorVersion     NotifyType = 6
	NotifyInvalidExchangeType     NotifyType = 7
	NotifyInvalidFlags            NotifyType = 8
	NotifyInvalidMessageID        NotifyType = 9
	NotifyInvalidProtocolID       NotifyType = 10
	NotifyInvalidSPI              NotifyType = 11
	NotifyInvalidTransformID      NotifyType = 12
	NotifyAttributesNotSupported  NotifyType = 13
	NotifyNoProposalChosen        NotifyType = 14
	NotifyBadProposalSyntax       NotifyType = 15
	NotifyPayloadMalformed        NotifyType = 16
	NotifyInvalidKeyInformation   NotifyType = 17
	NotifyInvalidIDInformation    NotifyType = 18
	NotifyInvalidCertEncoding     NotifyType = 19
	NotifyInvalidCertificate      NotifyType = 20
	NotifyCertTypeUnsupported     NotifyType = 21
	NotifyInvalidCertAuthority    NotifyType = 22
	NotifyInvalidHashInformation  NotifyType = 23
	NotifyAuthenticationFailed    NotifyType = 24
	NotifyInvalidSignature        NotifyType = 25
	NotifyAddressNotification     NotifyType = 26
	NotifyNotifySALifetime        NotifyType = 27
	NotifyCertificateUnavailable  NotifyType = 28
	NotifyUnsupportedExchangeType NotifyType = 29
	NotifyUnequalPayloadLengths   NotifyType = 30
	NotifyConnected               NotifyType = 16384
	NotifyResponderLifetime       NotifyType = 24576
	NotifyReplayStatus            NotifyType = 24577
	NotifyInitialContact          NotifyType = 24578
	NotifyRUThere                 NotifyType = 36136
	NotifyRUThereAck              NotifyType = 36137
	NotifyNetScreenNHTB           NotifyType = 40001
	NotifyCiscoLoadBalance        NotifyType = 40501
	notifyFirstStatus             NotifyType = 16384
	notifyFirstPrivateError       NotifyType = 8192
)

// IsError says that the notification reports a fault and not a state.
func (n NotifyType) IsError() bool { return n != 0 && n < notifyFirstStatus }

// Attributes of Mode-Config (draft-dukes-ike-mode-cfg-02 section 3.3).
const (
	AttrIP4Address      AttributeType = 1
	AttrIP4Netmask      AttributeType = 2
	AttrIP4DNS          AttributeType = 3
	AttrIP4NBNS         AttributeType = 4
	AttrAddressExpiry   AttributeType = 5
	AttrIP4DHCP         AttributeType = 6
	AttrApplicationVers AttributeType = 7
	AttrIP6Address      AttributeType = 8
	AttrIP6Netmask      AttributeType = 9
	AttrIP6DNS          AttributeType = 10
	AttrIP6NBNS         AttributeType = 11
	AttrIP6DHCP         AttributeType = 12
	AttrIP4Subnet       AttributeType = 13
	AttrSupportedAttrs  AttributeType = 14
	AttrIP6Subnet       AttributeType = 15
	AttrXAuthType       AttributeType = 16520
	AttrXAuthUser       AttributeType = 16521
	AttrXAuthPassword   AttributeType = 16522
	AttrXAuthPasscode   AttributeType = 16523
	AttrXAuthMessage    AttributeType = 16524
	AttrXAuthChallenge  AttributeType = 16525
	AttrXAuthDomain     AttributeType = 16526
	AttrXAuthStatus     AttributeType = 16527
	AttrXAuthNextPIN    AttributeType = 16528
	AttrXAuthAnswer     AttributeType = 16529
	AttrUnityBanner     AttributeType = 28672
	AttrUnitySavePasswd AttributeType = 28673
	AttrUnityDomain     AttributeType = 28674
	AttrUnitySplitDNS   AttributeType = 28675
	AttrUnitySplitInc   AttributeType = 28676
	AttrUnityUDPPort    AttributeType = 28677
	AttrUnitySplitExc   AttributeType = 28678
	AttrUnityPFS        AttributeType = 28679
	AttrUnityFirewall   AttributeType = 28680
	AttrUnityBackup     AttributeType = 28681
	AttrUnityDDNSName   AttributeType = 28682
)
