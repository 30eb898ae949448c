// Package suite has the algorithms of IKE: ciphers, hashes and PRFs,
// Diffie-Hellman groups and the key schedules of RFC 2409, each found by its
// keyword and by its number on the wire. It knows neither messages nor
// exchanges, holds no state and takes every random octet from an io.Reader
// that it is given. Start reading at Proposal.
package suite
