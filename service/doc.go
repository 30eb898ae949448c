// Package service is the session: whether this computer is connected, to what,
// and what is done about it when the connection is lost. It joins the profile
// store, the tunnel, the computer's network (a Host) and the log, and answers
// what the command line and the window ask (client/serve). It does not know
// IKE, ESP or how addresses and routes are set.
//
// One loop, Service.Run, owns everything that changes. What state follows
// another is in one pure function, next; what to do after a failure in another,
// judge; whether to begin anew when the computer's network has changed in a
// third, roam; how long a connection may last is in limits.go, when it begins by
// itself in atlogin.go, when it waits for a packet in ondemand.go; what the
// administrator of the computer demands of every profile comes in by policy.go.
// What others may read at any time is on the board. Start reading at state.go,
// then session.go.
//
// Goroutines, and who stops them:
//
//   - Service.Run, started by its caller: its context ends.
//   - Service.watchHost, Service.watchSystem and Service.measure, one each: their
//     context ends, with that of Run. measure sleeps unless something is connected.
//   - the look-ups of Service.lookUpAll, one per name: the look-up's own time; the
//     diagnosis waits for them.
//   - the look-up in session.resolve, one per name: it answers or is cancelled
//     with its connection.
//   - session.lookForPortal, one per failure that looks like a captive portal: as
//     a look-up.
package service
