// Command muvpnd is the service: it puts package service together with the
// store, the log, the computer's network (or, with --userspace, a network stack
// and proxy of its own) and the socket on which it is asked. It decides nothing
// itself. Start reading at newRoot, then daemon.run.
//
// It also enters itself into the system's service manager: install.go says in
// which order, install_*.go what each system needs, unit.go and plist.go are what
// systemd and launchd are given, packaged*.go what the packages and installers ask of
// it in their place (installers); across*.go and note.go connect again after an
// upgrade what was connected; deployment.go is what an installer for Windows may
// be given along. unblock.go lifts a kill switch when no service runs that could,
// rearm.go sets one.
//
// Goroutines, and who stops them:
//
//   - service.Service.Run, one: the context of daemon.run ends.
//   - managed.Start, one, under Windows' service manager only: managed.Stop.
//   - within, one: what it waits for, or the end of the process.
package main
