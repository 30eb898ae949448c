// Package esp is RFC 4303 in tunnel mode: security associations, the replay
// window, traffic selectors, and sealing and opening whole batches of packets
// in place. It knows neither IKE nor sockets nor TUN devices.
//
// An Outbound or Inbound is made once and may then be used by its one packet
// loop and read (counters) by anybody; a Table is immutable and is replaced as
// a whole through an atomic pointer. Start reading at SA and Packet.
package esp
