package gateway

import (
	"bytes"
	"crypto/subtle"
	"time"

	"muvpn/tunnel/ike/wire"
)

// accounts are what the gateway remembers of its users from one XAuth to the
// next.
type accounts map[*User]*account

type account struct {
	wrong     int       // in a row
	locked    bool      // until unlocked
	unlocked  time.Time // zero: never
	passcodes int       // how many are used up
	pin       []byte    // the password that the user has chosen; nil: none
}

// of is the account of u.
func (a accounts) of(u *User) *account {
	if a[u] == nil {
		a[u] = &account{}
	}
	return a[u]
}

// wrong counts a wrong answer and says whether the account is locked now.
func (a accounts) wrong(now time.Time, u *User, x XAuth) bool {
	c := a.of(u)
	c.wrong++
	if x.LockAfter > 0 && c.wrong >= x.LockAfter && !c.locked {
		c.locked = true
		if x.LockFor > 0 {
			c.unlocked = now.Add(x.LockFor)
		}
	}
	return c.locked
}

// right forgets the wrong answers.
func (a accounts) right(u *User) { a.of(u).wrong = 0 }

// lockedAt says whether the account is locked, and unlocks it when its time has
// come.
func (c *account) lockedAt(now time.Time) bool {
	if c.locked && !c.unlocked.IsZero() && !now.Before(c.unlocked) {
		*c = account{passcodes: c.passcodes, pin: c.pin}
	}
	return c.locked
}

// wrongIn says what is wrong in a user's answers to a round; empty if nothing
// is.
func (g *Gateway) wrongIn(u *User, r Round, answers []wire.Attribute) string {
	if g.accounts.of(u).lockedAt(g.now) {
		return "user is locked"
	}
	for _, asked := range r.Ask {
		a, ok := wire.Find(answers, asks[asked])
		if !ok {
			return string(asked) + " is missing"
		}
		if !g.accepts(u, asked, g.trimmed(a.Value)) {
			return string(asked) + " is incorrect"
		}
	}
	return ""
}

// accepts says whether value is what the user has to answer.
func (g *Gateway) accepts(u *User, asked Ask, value []byte) bool {
	c := g.accounts.of(u)
	switch asked {
	case AskUser:
		return string(value) == u.Name
	case AskPassword:
		want := u.Password
		if c.pin != nil {
			want = c.pin
		}
		return same(want, value)
	case AskPasscode:
		return g.takePasscode(u, value)
	case AskNextPIN:
		c.pin = bytes.Clone(value)
		return len(value) > 0
	case AskAnswer:
		return same(u.Answer, value)
	}
	return same([]byte(u.Domain), value)
}

// takePasscode uses up the next passcode of the user's list.
func (g *Gateway) takePasscode(u *User, value []byte) bool {
	c := g.accounts.of(u)
	if c.passcodes == len(u.Passcodes) || !same(u.Passcodes[c.passcodes], value) {
		return false
	}
	c.passcodes++
	return true
}

// same compares a secret.
func same(want, got []byte) bool { return subtle.ConstantTimeCompare(want, got) == 1 }

// trimmed is an answer without the NUL that some clients put behind it, if
// that is allowed (quirk 22).
func (g *Gateway) trimmed(value []byte) []byte {
	if g.c.XAuth.TrailingNUL {
		return bytes.TrimSuffix(value, []byte{0})
	}
	return value
}
