// Package tunnel runs one tunnel: it owns the sockets, borrows the TUN device,
// and joins the pure key exchange (ike, ikev1) to the packet transformation
// (esp). It is glue: one control loop, one inbound loop per socket and one
// outbound loop. It knows profiles and reasons, but neither the service nor
// the host's network settings.
//
// The control loop owns the session, the list of SAs and the one timer. The
// packet loops share with it an immutable way (SA table and transport) behind an
// atomic pointer, and signs, which they leave before they wake it; among
// themselves, the few trips through the tunnel that are timed just now. On a
// packet's path there is no lock, no allocation and no log line.
//
// Start reading at Start, then control.run; the packets' path is inbound and
// outbound, what they travel on is transport.
//
// Goroutines, and who stops them:
//
//   - control.run, one per Tunnel: ends after Down, when Events was read to its
//     end or Close was called.
//   - Tunnel.inboundIKE, one, and Tunnel.inbound, one per transport: the control
//     loop stops them by closing the sockets.
//   - Tunnel.outbound, one, from the first SA on: the control loop stops it by
//     the device's read deadline.
//   - Sentry.read, one per Sentry, at a device that no tunnel has: Sentry.Close
//     stops it by the read deadline, and waits.
//   - knocking.read, one per socket of a Knock: Knock stops them by closing the
//     sockets, and waits.
//   - drain, one per TUN: the device's Close stops it.
//   - pumped.pump, one per TUN on Windows: the device's Close stops it.
package tunnel
