// Package logs reads the logs of both ends of a connection into one kind of
// Event: our own client's (text, JSON Lines, or a saved e-mail with either), and
// those of gateways: a Firebox (2001 style, and Fireware with its msg_id), which
// is how muvpn-testgw writes, too, strongSwan (charon) and libreswan (pluto). It
// says what a line says and draws no conclusion; that is package story's.
//
// Logs come from anybody, by mail: nothing here trusts them. What is read is
// bounded in octets, line length and events; control characters go; no line can
// stop the reading. There is no OS access and no state. Start reading at Read;
// each form of log has its file, and words.go is what a Firebox and our client
// have in common.
package logs
