package wire

import "net/netip"

// samples are payloads of our own making, at least one of every type.
func samples() []Payload {
	return []Payload{
		SA{Proposals: []Proposal{{Number: 1, Protocol: ProtocolISAKMP, Transforms: []Transform{
			{Number: 0, ID: TransformKeyIKE, Attributes: []Attribute{
				TV(AttrEncryption, 1), TV(AttrHash, 1), TV(AttrGroup, 1), TV(AttrAuthentication, AuthPSK),
				TV(AttrLifeType, LifeSeconds), Number(AttrLifeDuration, 86400),
			}},
			{Number: 1, ID: TransformKeyIKE, Attributes: []Attribute{TV(AttrEncryption, 7), TV(AttrKeyLength, 256)}},
		}}}},
		SA{Proposals: []Proposal{
			{Number: 1, Protocol: ProtocolESP, SPI: []byte{0x69, 0x85, 0x17, 0x7e}, Transforms: []Transform{
				{Number: 1, ID: TransformESP3DES, Attributes: []Attribute{
					TV(AttrESPEncapsulation, EncapUDPTunnelDraft), TV(AttrESPAuthentication, 2),
					TV(AttrESPLifeType, LifeKilobytes), TLV(AttrESPLifeDuration, []byte{0, 1, 0, 0}),
				}}}},
			{Number: 2, Protocol: ProtocolESP, SPI: []byte{1, 2, 3, 4}, Transforms: []Transform{{Number: 1, ID: TransformESPDES}}},
		}},
		KeyExchange{2},
		ID{IDType: IDUserFQDN, Data: []byte("lisa")},
		ID{IDType: IDKeyID, Protocol: 17, Port: 500, Data: []byte{1, 2, 3}},
		Host(netip.MustParseAddr("192.168.10.201")),
		Subnet(netip.MustParsePrefix("2001:db8::/32")),
		Certificate{Encoding: CertX509Sign, Data: []byte{0x30, 0}},
		CertRequest{Encoding: CertX509Sign},
		Hash{1, 2, 3},
		Signature{1, 2, 3, 4},
		Nonce("12345678"),
		Notify{DOI: 1, Protocol: ProtocolISAKMP, NotifyType: NotifyRUThere, SPI: make([]byte, 16), Data: []byte{0, 0, 0, 7}},
		Delete{DOI: 1, Protocol: ProtocolESP, SPIs: [][]byte{{0, 0, 0, 1}, {0, 0, 0, 2}}},
		VendorDPD.Payload(),
		VendorID(nil),
		NATD{Hash: make([]byte, 16)},
		NATD{Draft: true, Hash: make([]byte, 20)},
		NATOA{Address: netip.MustParseAddr("192.0.2.1")},
		NATOA{Draft: true, Address: netip.MustParseAddr("2001:db8::1")},
		Config{ConfigType: ConfigReply, Identifier: 9, Padding: 3, Attributes: []Attribute{
			TLV(AttrXAuthUser, []byte("lisa")), TLV(AttrXAuthPassword, []byte("secret\x00")), TV(AttrXAuthStatus, 1),
		}},
		Fragment{ID: 1, Number: 2, Last: true, Data: []byte("octets")},
		Unknown{Number: 15, Body: []byte{1}},
	}
}
