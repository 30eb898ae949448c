// Package cert judges the certificates of IKE: what CERT payloads hold, whether
// a gateway's certificate leads to an authority that is trusted, is valid, was
// not revoked and is for the gateway that was called, and whether our own still
// serves. Every refusal is a Reason that names the certificate.
//
// It is pure: the time is an argument, nothing is fetched. It knows payloads,
// but no exchange: who has signed what is for package ikev1. Start reading at
// Read, then Policy.Judge.
package cert
