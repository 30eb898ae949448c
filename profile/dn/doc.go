// Package dn is distinguished names: as administrators write them (RFC 2253),
// as certificates and identification payloads hold them (X.501, DER), and when
// two of them are the same name. It is pure and a leaf that every package may
// import. Start reading at Parse.
package dn
