package assets

import "embed"

// Samples holds the folder samples: lisa.exp, a sealed and signed profile whose
// passphrase is in the README; lisa.toml, what is inside it; and gateway.toml,
// the gateway that goes with it.
//
// After a change of lisa.toml, `go generate ./assets` seals it again.
//
//go:generate go test -run TestLisaIsSealedFromItsSource -update .
//go:embed samples
var Samples embed.FS
