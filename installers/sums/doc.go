// Command sums writes SHA256SUMS for a folder of installers, and with a key
// SHA256SUMS.asc, which signs it. `make installers` runs it when all are made.
//
// The key is a file, its passphrase another: neither is ever an argument. gpg has
// them in a folder of its own that goes afterwards; nothing of the user's own gpg
// is read or written. Start reading at write in main.go.
package main
