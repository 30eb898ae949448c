// Command muvpnd is the service: it puts package service together with the
// store, the log, the computer's network (or, with --userspace, a network stack
// and proxy of its own) and the socket on which it is asked. It decides nothing
// itself. Start reading at newRoot, then daemon.run.
//
// Goroutines, and who stops them:
//
//   - service.Service.Run, one: the context of daemon.run ends.
//   - managed.Start, one, under Windows' service manager only: managed.Stop.
package main
