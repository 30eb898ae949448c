package issuing

// WiseForCertificates is from how many users on certificates are wiser than
// shared keys. Up to there the keys are one file for the gateway and nothing to
// understand. Beyond:
//   - a Mobile User of a Firebox, and of most gateways with menus, is typed in
//     with his key, and again whenever it changes: at a minute each a hundred are
//     an afternoon. A certificate needs no entry but the name.
//   - every key lies on the gateway. Whoever has copied its configuration is every
//     user, until all keys are changed; of certificates it has only what is public.
//   - shared keys of users whose address is not known beforehand take Aggressive
//     Mode, in which whoever records a connection may guess at its key for ever.
//     One short key among a hundred that were brought along is enough.
//   - a lost laptop is a line on a list, not a key to be taken out of every gateway.
//
// What certificates cost in turn is a key of the authority that has to be kept,
// and files that end.
const WiseForCertificates = 100

// TakesCertificates says that the gateway may take those of an authority of one's
// own: a Firebox does not, as far as is publicly known.
func (s *Site) TakesCertificates() bool { return s.Profile.Gateway.Vendor != "watchguard" }
