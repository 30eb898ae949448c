// Package logbook keeps the client's log: every line once as text for people
// and once as JSON for programs, in two files that are rotated by size and
// together stay under 10 MiB. It gives the log out again, whole or its end, as
// it grows, and with placeholders for user names and addresses. What the lines
// say is the caller's matter; that no secret is among them too.
//
// A Book owns its files; its methods may be called by anybody. Start reading
// at Entry and Book. There is no go statement here: timberjack starts one
// goroutine a file, which Close ends.
package logbook
