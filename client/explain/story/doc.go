// Package story makes of logs the story of one connection: which attempt is meant,
// which lines of a gateway's log belong to it, what happened step by step and who
// said it, at which step it ended, for which Reason, and how sure that is. Logs
// come from package logs, the advice from package explain; HTML is made by package
// page.
//
// Two logs are matched by cookies, message IDs and SPIs; outbound in one is
// inbound in the other. Where a log has none of these, only address and time are
// left, and the verdict says so. A Reason that no log states is never called
// certain.
//
// Everything here is pure: logs go in, a Story comes out, which is plain data. No
// state, no OS access. Start reading at Tell; then attempt.go (the client's side),
// thread.go (the gateway's), match.go, steps.go and verdict.go.
package story
