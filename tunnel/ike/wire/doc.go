// Package wire is the codec of ISAKMP and IKEv1 messages (RFC 2407, 2408 and
// 2409, RFC 3947, the XAuth and Mode-Config drafts and the fragment payload):
// octets become typed payloads and typed payloads become octets, nothing more.
// Numbers stay as they were on the wire and have named constants beside them;
// what a number may be in which exchange is for the packages above to judge.
//
// Parsing never copies: every slice in a parsed payload points into the
// datagram, which therefore belongs to the message from then on. What is
// hashed is never encoded again; an Element keeps its octets as they came.
// The package has no state and decrypts nothing.
//
// Start reading at Header, then ParsePayloads, then one payload, such as ID.
// Payloads of IKEv2 are to get types and files of their own.
package wire
