// Package service is the session: whether this computer is connected, to what,
// and what is done about it when the connection is lost. It joins the profile
// store, the tunnel, the computer's network (a Host) and the log, and answers
// what the command line and the window ask (client/serve). It does not know
// IKE, ESP or how addresses and routes are set.
//
// One loop, Service.Run, owns everything that changes. What state follows
// another is in one pure function, next; what to do after a failure in another,
// judge; whether to begin anew when the computer's network has changed in a
// third, roam. What others may read at any time is on the board. Start reading
// at state.go, then session.go.
//
// Goroutines, and who stops them:
//
//   - Service.Run, started by its caller: its context ends.
//   - Service.watchHost, one: its context ends, with that of Run.
//   - Service.measure, one: as watchHost. It sleeps unless something is connected.
//   - the look-ups of Service.lookUpAll, one per name: the look-up's own time; the
//     diagnosis waits for them.
//   - the look-up in Service.resolve, one per name: it answers or is cancelled
//     with its connection.
package service
