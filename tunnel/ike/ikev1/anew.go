package ikev1

import (
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// A gateway that knows a retransmission only as long as nothing else came
// between decrypts ours with the IV of the message that would follow, finds
// nonsense, and says so in an authenticated notify (strongSwan: its answer was
// lost, and INITIAL-CONTACT came behind the request). That is no refusal of
// what was asked: the exchange is dead, and another one asks the same.

// maxAnew is how often one thing is asked anew before the notify is believed.
const maxAnew = 5

// unreadable says that n tells of a message that could not be read.
func unreadable(n wire.NotifyType) bool {
	switch n {
	case wire.NotifyPayloadMalformed, wire.NotifyInvalidHashInformation, wire.NotifyUnequalPayloadLengths:
		return true
	}
	return false
}

// quickAnew asks for the SA pair of q in a Quick Mode of its own.
func (s *Session) quickAnew(now time.Time, q *quick, n wire.NotifyType) {
	s.note(ike.Warn, "P2_ANEW", "notify "+n.String()+" behind a retransmission: the gateway has lost the exchange; asking anew")
	s.end(now, q)
	again := &quick{
		sa: q.sa, initiator: true, network: q.network, replaces: q.replaces, held: q.held,
		diagnose: q.diagnose, anew: q.anew + 1,
	}
	s.begin(now, again, q.offer.group)
}

// lost says that n may be about a retransmission of q.
func (q *quick) lost(n wire.NotifyType) bool {
	return unreadable(n) && q.request.Sent > 1 && q.anew < maxAnew
}

// configAnew asks for the configuration once more, if n may be about a
// retransmission of the request for it.
func (s *Session) configAnew(now time.Time, a *sa, n wire.NotifyType) bool {
	if !unreadable(n) || !a.askedTwice() || a.anew == maxAnew {
		return false
	}
	a.anew++
	s.note(ike.Warn, "CONFIG_ANEW", "notify "+n.String()+" behind a retransmission: the gateway has lost the exchange; asking anew")
	a.stopAsking()
	s.pull(now, a)
	return true
}

// askedTwice says that a request of ours that is unanswered was repeated.
func (a *sa) askedTwice() bool {
	for _, t := range a.transactions {
		if t.request.Sent > 1 {
			return true
		}
	}
	return false
}
