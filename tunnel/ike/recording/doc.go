// Package recording writes one session down and plays it again: its
// configuration, its randomness, every call with its time, and everything that
// came out. A session is a function of those, so that a recording made against
// a foreign gateway stays a test of every octet when the gateway is gone.
//
// Recorder stands between a session and the program that drives it, Replay in
// that program's place. package interop of the service records against
// strongSwan; the tests of ikev1 replay.
//
// It is pure: see package ike. Recordings hold secrets, because without them
// nothing can be replayed: only such as were made up for the recording. There
// is no go statement. Start reading at Recording.
package recording
