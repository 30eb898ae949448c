// Command release says whether what lies here may be released, and writes the notes
// that go with it. `make release` runs it before it makes the installers, and once
// more behind them.
//
// A release is a commit with a tag of its own, v1.2.3 or v1.2.3-rc1, with nothing
// changed beside it, of which docs/changelog.md says what is in it: there the newest
// version comes first, and its section is what the notes are made of. It tags
// nothing and sends nothing anywhere; that is for whoever releases.
//
// Start reading at main. It starts no goroutine and keeps no state.
package main
