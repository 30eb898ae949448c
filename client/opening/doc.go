// Package opening is the unprivileged side of an import, the same for the
// command line and the window: what a file is, what is in it, what the service
// is given of it, and what the user is asked before. It reads octets, not paths,
// and shows nothing: its callers do. The service never imports it, because it
// parses what strangers wrote and runs Argon2.
//
// A File does not change once it is recognised, so that it may be opened on
// another goroutine; an Opened holds secrets and belongs to whoever opened it,
// who wipes it. Start reading at Recognise, then File.Open.
package opening
