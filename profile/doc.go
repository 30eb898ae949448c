// Package profile is what a connection needs to know: the Profile and its
// faults, the .EXP format that carries it sealed and signed, importers for the
// formats of others, and Secret, which never prints. It opens no socket and
// runs nothing; only the store touches files. A Profile is plain data and is
// owned by whoever holds it. Start reading at Profile, then exp.go.
package profile
