// Package tunnel runs one tunnel: it owns the sockets, borrows the TUN device,
// and joins the pure key exchange (ike, ikev1) to the packet transformation
// (esp). It is glue: one control loop, one inbound loop per socket and one
// outbound loop. It knows profiles and reasons, but neither the service nor
// the host's network settings. Start reading at Tunnel.
package tunnel
