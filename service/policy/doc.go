// Package policy is what the administrator of a computer demands of every
// profile on it, beside what each profile says itself in its [policy]: whose
// profiles may be imported, the kill switch, and that only administrators change
// profiles. The stricter of the two counts. It is kept where only administrators
// write: in the registry on Windows, where Group Policy puts it, elsewhere in
// policy.toml, and everywhere in the file of pinned signers that installers
// write.
//
// It decides nothing and keeps nothing: a Source is read whenever it matters. What
// cannot be read, or could be somebody else's, counts as the strictest that it
// could say, and Faults tell so. parse.go is what a source means, and pure;
// system_*.go is where it is. The templates for Group Policy, in
// installers/windows/policy, are held against the names here.
//
// Start reading at Policy. There is no go statement here.
package policy
