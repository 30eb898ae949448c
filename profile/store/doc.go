// Package store keeps imported profiles on the disk of the computer and the
// rules by which one may follow another: signers, serials, names. Secrets lie
// in files of their own, apart from the profiles, in a folder that only the
// service may enter, and are sealed where the system gives the service a key
// (seal.go); nothing here is ever given a path by a client.
//
// A Store is owned by one goroutine, the service's own, and is the only writer
// of its folder. Every change is one rename: a crash leaves the old state or
// the new one. Start reading at Store, then admit.go.
package store
