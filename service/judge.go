package service

import (
	"time"

	"muvpn/client/reason"
)

// attempt is what counts when an attempt to connect has failed.
type attempt struct {
	was    bool // the connection was established before
	woken  bool // a packet has begun it, on demand
	forced bool // UDP encapsulation was forced already
	waits  bool // nobody watches the first attempt, or it is the network that must change first
	more   bool // the gateway has addresses that were not tried yet
	tries  int  // rounds that have failed in a row
}

// verdict is what to do after a failure.
type verdict int

const (
	giveUp verdict = iota
	tryForced
	tryNext
	tryLater
	tryOnDemand
)

// patience is how many rounds in a row a gateway that knows us may refuse us,
// as it does for a moment when it restarts, or end the connection at once; and
// how often this computer may get in its way.
const patience = 5

// judge decides what follows a failure. A first connection tries every address
// and then fails with its Reason, unless it is to wait for the network. One that was established comes back by itself,
// however long the gateway or the network is away. What a packet has begun is
// left to the next packet.
func judge(c reason.Code, a attempt) verdict {
	switch {
	case c == reason.ESPBlocked && !a.forced:
		return tryForced
	case a.more && passing(c):
		return tryNext
	case a.woken && (passing(c) && c != reason.GWClosed || clashing(c)):
		return tryOnDemand
	case !a.was && a.waits && passing(c) && c != reason.GWClosed:
		return tryLater
	case !a.was:
		return giveUp
	case passing(c) && c != reason.GWClosed, clashing(c):
		return tryLater
	case (c == reason.GWClosed || startingUp(c) || stumbled(c)) && a.tries < patience:
		return tryLater
	}
	return giveUp
}

// passing says that the failure lies in the network, or in a gateway that is
// away: time or another address may help.
func passing(c reason.Code) bool {
	switch c {
	case reason.NoRoute, reason.DNSFailed, reason.NoReply, reason.PeerDead, reason.GWClosed:
		return true
	}
	return false
}

// clashing says that the network that the computer is on now has what the tunnel
// brings: on the next one the connection can be there again.
func clashing(c reason.Code) bool { return c == reason.LANOverlap || c == reason.IPConflict }

// startingUp says that a gateway that was content before may say this while it
// is starting again. Whatever counts tries against the user is not among them.
func startingUp(c reason.Code) bool {
	switch c {
	case reason.IDUnknown, reason.ModeMismatch, reason.P1Proposal, reason.PSKWrong, reason.XAuthExpected,
		reason.NoAddress, reason.P2Proposal, reason.P2PFS, reason.P2Selector, reason.GWFull, reason.VIPInUse,
		reason.ESPBlocked:
		return true
	}
	return false
}

// stumbled says that something on this computer was not as it should be, which was
// when the connection was made: a resolver that hangs while it starts again.
func stumbled(c reason.Code) bool { return c == reason.Internal }

// The pause before another round, and how long a connection must have lasted
// for the rounds before it to be forgotten.
const (
	longestPause = 30 * time.Second
	settled      = 30 * time.Second
)

// pause is how long to wait before round number tries (from 0): at once, then
// 1 s doubled up to longestPause, up to a quarter more by chance (0 to 1), so
// that a thousand clients do not come back to a gateway in step.
func pause(tries int, chance float64) time.Duration {
	if tries <= 0 {
		return 0
	}
	d := longestPause
	if tries < 6 {
		d = time.Second << (tries - 1)
	}
	return d + time.Duration(chance*float64(d)/4)
}
