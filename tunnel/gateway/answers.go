package gateway

import (
	"crypto/sha256"
	"time"
)

// A request that was handled is remembered for a minute at least (quirk 41).
const (
	answerKept  = 90 * time.Second
	answersKept = 1024
)

// answers remembers the requests that were handled, and how they were answered.
type answers struct{ known []answer }

type answer struct {
	request  [sha256.Size]byte
	until    time.Time
	answered bool
	out      outgoing
}

// find finds the answer to a request that was handled before.
func (a *answers) find(now time.Time, request []byte) (answer, bool) {
	sum := sha256.Sum256(request)
	for _, k := range a.known {
		if k.request == sum && now.Before(k.until) {
			return k, true
		}
	}
	return answer{}, false
}

// put remembers an answer and forgets what is too old.
func (a *answers) put(now time.Time, request []byte, k answer) {
	kept := a.known[:0]
	for i, old := range a.known {
		if now.Before(old.until) && len(a.known)-i < answersKept {
			kept = append(kept, old)
		}
	}
	k.request, k.until = sha256.Sum256(request), now.Add(answerKept)
	a.known = append(kept, k)
}

// reply sends the answer to m and remembers it.
func (g *Gateway) reply(m *message, o outgoing) {
	g.answers.put(g.now, m.Data, answer{answered: true, out: o})
	g.send(o)
}

// done remembers that m was handled and needs no answer.
func (g *Gateway) done(m *message) { g.answers.put(g.now, m.Data, answer{}) }
