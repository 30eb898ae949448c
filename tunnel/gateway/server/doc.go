// Package server runs a gateway.Gateway on real sockets: UDP for IKE and for
// UDP-encapsulated ESP, a raw socket for IP protocol 50, and the office network
// of package lan behind it; a test in virtual time has its own in their places
// (Config.ListenUDP, Config.Inside). It is glue: what the gateway does is in
// package gateway, what ESP does in package esp.
//
// A Server owns its sockets, the office, and the Gateway, which its mutex
// guards. The SAs of the data path are an immutable table behind an atomic
// pointer: the packet loops never wait for the key exchange.
//
// Goroutines, all ended by Close, which closes what they wait on and waits for
// them:
//
//   - one reads each socket (IKE, UDP encapsulation, raw ESP), hands IKE
//     messages to the Gateway and inner packets to the office;
//   - one reads the office's device and sends ESP to the users;
//   - a timer calls the Gateway when it wants to be called.
//
// Start reading at Start; file.go is the configuration file.
package server
