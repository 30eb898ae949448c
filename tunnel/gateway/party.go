package gateway

import (
	"muvpn/profile/dn"
	"muvpn/tunnel/ike/wire"
)

// Group is an identity and a key that many users have in common. Which of them
// has come is told by XAuth.
type Group struct {
	Name string
	ID   wire.ID // in Phase 1; protocol and port do not count
	PSK  []byte
}

// party is whom an identity of Phase 1 stands for: a user, a group, or, as the
// zero value, anybody.
type party struct {
	name string
	id   wire.ID
	psk  []byte
	user *User // nil: told by XAuth
}

// parties are all that have an identity.
func (g *Gateway) parties() (all []party) {
	for i := range g.c.Users {
		if u := &g.c.Users[i]; u.ID.IDType != 0 {
			all = append(all, party{u.Name, u.ID, u.PSK, u})
		}
	}
	for _, group := range g.c.Groups {
		all = append(all, party{group.Name, group.ID, group.PSK, nil})
	}
	return all
}

// partyOf finds whom an identity stands for under a method. Behind a
// certificate with XAuth, and in hybrid mode, any identity will do.
func (g *Gateway) partyOf(id wire.ID, m Method) (party, error) {
	for _, p := range g.parties() {
		if sameID(p.id, id) && p.may(m) {
			return p, nil
		}
	}
	if m == MethodRSAXAuth || m == MethodHybridXAuth {
		return party{}, nil
	}
	return party{}, unknownID(id)
}

// may says whether the party can come by a method: a group needs XAuth, and a
// pre-shared key must be there where one is wanted.
func (p party) may(m Method) bool {
	return (p.user != nil || m.xauth()) && (len(p.psk) > 0 || !m.psk())
}

// admits says whether XAuth may make u out of the party.
func (p party) admits(u *User) bool {
	switch {
	case p.user != nil:
		return p.user == u
	case p.name != "":
		return u.Group == p.name
	}
	return true
}

// anyone is a user whom the party can turn out to be; nil if there is none.
func (g *Gateway) anyone(p party) *User {
	for i := range g.c.Users {
		if p.admits(&g.c.Users[i]) {
			return &g.c.Users[i]
		}
	}
	return nil
}

// sameID compares identities; protocol and port do not count (quirk 2), nor
// does how a distinguished name writes its texts.
func sameID(a, b wire.ID) bool {
	if a.IDType == wire.IDDERASN1DN && b.IDType == a.IDType {
		return dn.Same(a.Data, b.Data)
	}
	return a.IDType == b.IDType && string(a.Data) == string(b.Data)
}
