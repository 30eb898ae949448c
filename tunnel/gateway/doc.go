// Package gateway is a responder that behaves like a Firebox: IKEv1 Aggressive
// and Main Mode with pre-shared keys or certificates, XAuth and Mode-Config as
// the server, Quick Mode in both roles, informational exchanges and NAT
// traversal, for the demo and the tests. It says what it does
// in the words of a Firebox's log, and it misbehaves on request (Fault). It is
// not a gateway for an office: it trusts its configuration, serves few users
// and protects itself against nobody.
//
// It is pure like the key exchange that it is the other end of: datagrams and
// the time go in (HandleDatagram, HandleTraffic, HandleTimeout); what is to be
// sent, installed, removed and written down comes out (NextAction), and when it
// wants to be called again (NextTimeout). It shares the codecs and algorithms
// (wire, suite) with the client, but none of its exchanges, so that a
// misunderstanding in one is not repeated in the other. Sockets, the office
// network behind it and the configuration file are in gateway/server,
// gateway/lan and gateway/muvpn-testgw.
//
// A Gateway is owned by one goroutine at a time and starts none. Start reading
// at Gateway.HandleDatagram, then aggressive.go, xauth.go, modeconfig.go and
// quick.go.
package gateway
