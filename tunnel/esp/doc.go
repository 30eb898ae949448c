// Package esp is RFC 4303 in tunnel mode: security associations, the replay
// window, traffic selectors, and sealing and opening whole batches of packets
// in place. Beside them stand the rules of a tunnel's ends that need nothing
// but octets: the inner MTU, ICMP "too big", TCP MSS, ECN, and which
// packets tell how long the way is. It knows neither IKE nor sockets nor TUN
// devices, and starts no goroutine.
//
// An Outbound belongs to the one loop that seals, an Inbound to the one loop
// that opens; counters, Usage and SetMTU may be used by anybody at any time. A
// Table is immutable and is replaced as a whole through an atomic pointer.
//
// Sealing has two halves. What depends on the order of packets (selectors,
// sequence numbers, IVs) is done first and is cheap; what is dear (protector)
// depends on nothing but the packet, so that a batch can later be shared out to
// several cores, each with a protector of its own, and stay in order.
//
// Start reading at Config, Outbound.Seal and Inbound.Open.
package esp
