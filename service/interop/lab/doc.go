// Package lab builds small networks out of Linux network namespaces, a
// gateway (Debian's strongSwan) on one side and a client on the other, and
// watches what passes. It is used by the tests of package interop, and parts of
// it by those of package systemd; only as root.
//
// Nothing of a lab has a name in the system: namespaces are held by file
// descriptors of this process and programs die with it, so that a killed test
// leaves nothing behind but its folder, which the next start removes.
// A Lab is owned by one test; labs do not know of each other and may run side
// by side.
//
// Start reading at Lab, then namespace_linux.go and process_linux.go.
//
// The go statements, and who stops each:
//   - Process: one waits for the program to end; it ends with the program.
//   - Host: one per server; they end when Host.Close closes its socket.
//   - NameServer: one per socket; they end when NameServer.Close closes it.
//   - RADIUS: one; it ends when Lab.Close closes its socket.
//   - Program.RunOnTerminal: one fills the screen; it ends with the program.
//   - Pinger: a sender and a receiver; Pinger.Stop stops both.
//   - Monitor: one reads packets; it ends when Lab.Close or Monitor.Close closes its socket.
//   - Generators: two; Generators.Stop or Lab.Close ends them.
//   - Home: one talks back; it ends when Lab.Close closes its socket.
//   - Stream: one reads the transfer; it ends with it or with Stream.Stop.
//   - Steering: one asks to disconnect and is not waited for; it ends with muvpnd,
//     which is about to be killed.
//   - Watcher: one; it ends with the service or with Watcher.Close.
package lab
