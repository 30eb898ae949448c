// Command demo goes the whole way once on one computer and without privileges:
// it starts a Firebox-like gateway and muvpnd in userspace on loopback, imports
// lisa.exp (or maggie.exp, of a gateway of today), connects, fetches a page and a file by FTP from the office network
// through the tunnel, shows what was negotiated, disconnects, and compares the
// two logs. `make demo` runs it. With -window it starts both sides and leaves the
// way to the user, in the window (`make demo-gui`).
//
// It is not a test double of anything: it runs the programs that are shipped
// and reads only what they print. It owns its processes and one temporary
// folder, and takes both away. Start reading at run.
package main
