package assets

import "embed"

// Samples holds the folder samples: lisa.exp, a sealed and signed profile whose
// passphrase is in the README; lisa.toml, what is inside it; and gateway.toml,
// the gateway that goes with it. maggie.exp, maggie.toml and office.toml are the
// same for a gateway of today, with XAuth and Mode-Config.
//
// After a change of a profile, `go generate ./assets` seals it again.
//
//go:generate go test -run TestSamplesAreSealedFromTheirSource -update .
//go:embed samples
var Samples embed.FS
