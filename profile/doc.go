// Package profile is what a connection needs to know: the Profile and its
// faults, the .EXP format that carries it sealed and signed, importers for the
// formats of others (one file a format, listed in import.go), the Preview of
// what is about to be stored, and Secret, which never prints.
//
// It opens no socket and runs nothing. Of the disk it knows only ReadFile, for
// the unprivileged side; what is stored is package store's matter. A Profile
// is plain data and is owned by whoever holds it. It starts no goroutine.
// Start reading at Profile, then exp.go, then import.go.
package profile
