// Package ikev1 is IKE version 1 (RFC 2409) with pre-shared keys or RSA
// signatures as an ike.Session: Aggressive and Main Mode, XAuth, Mode-Config,
// Quick Mode in both roles, Informational, rekeying of both phases, and the
// quirks of gateways in the field.
//
// It is pure: see package ike. It knows nothing of ESP packets, sockets or
// logs. A Session owns everything: the one Phase 1 in the making (attempt), the
// established ones (sa) with their Transaction Exchanges (transaction) and Quick
// Modes (quick), and the SA pairs that came of them (child). There is no go
// statement.
//
// One exchange has one file, in the order of things happening: aggressive.go,
// main.go, respond.go (a Phase 1 that the gateway starts), transaction.go with
// xauth.go and modecfg.go, quick.go, quickanswer.go, informational.go, rekey.go.
// What a new Phase 1 SA goes through before Quick Mode is in login.go, what is
// offered and chosen in offer.go, how each side proves who it is in auth.go and
// signature.go, what is believed of an unauthenticated peer in refusal.go and
// probe.go. Start reading at Session, then session.go's HandleDatagram.
package ikev1
