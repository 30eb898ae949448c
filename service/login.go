package service

import (
	"bytes"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
)

// login is the password that a connection was made with, for when it is lost and
// comes back by itself; never one that holds only once. Where the profile allows
// it (auth.xauth.save) it is kept for the next connection, too.
type login struct {
	password []byte
	once     bool // the gateway asks for codes
	good     bool // it has led to a connection
	said     bool // in this attempt
}

// note keeps a password that is said, or learns that it would not be enough.
func (l *login) note(kind string, value []byte) {
	switch kind {
	case kindUser:
	case kindPassword:
		said := bytes.Clone(value)
		clear(l.password)
		l.password, l.good = said, false
	default:
		l.once = true
	}
}

// accepted is that a connection was established.
func (l *login) accepted() { l.good = l.password != nil && !l.once }

// forget wipes the password.
func (l *login) forget() {
	clear(l.password)
	*l = login{}
}

// spendPassword wipes the password that came with the wish to connect.
func (c *connection) spendPassword() {
	clear(c.up.Password)
	c.up.Password = nil
}

// recallLogin takes what was kept for the profile, unless the user has come with
// a password, or with another name.
func (s *session) recallLogin(c *connection) {
	r, ok := s.keeps(c)
	if !ok || len(c.up.Password) > 0 {
		return
	}
	kept, err := s.store.Login(r)
	if err != nil {
		s.note(logbook.Warn, "LOGIN", nil, "The password that was kept cannot be used: %v", err)
		return
	}
	if kept.Password.Empty() || c.up.User != "" && c.up.User != kept.User {
		return
	}
	c.up.User = kept.User
	c.login = login{password: bytes.Clone(kept.Password.Reveal()), good: true}
}

// keepLogin keeps what the gateway has accepted.
func (s *session) keepLogin() {
	c := s.conn
	r, ok := s.keeps(c)
	if !ok || !c.login.good {
		return
	}
	if err := s.store.KeepLogin(r, store.Login{User: c.up.User, Password: profile.NewSecret(c.login.password)}); err != nil {
		s.note(logbook.Warn, "LOGIN", nil, "The password could not be kept: %v", err)
	}
}

// refusedLogin forgets what the gateway does not accept any more. A question that
// the user leaves unanswered refuses nothing.
func (s *session) refusedLogin(r *reason.Reason) {
	record, ok := s.keeps(s.conn)
	if !ok || r.Code != reason.UserAuth || r.Side != reason.Gateway {
		return
	}
	if kept, err := s.store.Login(record); err == nil && !bytes.Equal(kept.Password.Reveal(), s.conn.login.password) {
		return // it was another password, or somebody else's
	}
	if err := s.store.ForgetLogin(record); err != nil {
		s.note(logbook.Warn, "LOGIN", nil, "The password that was kept could not be forgotten: %v", err)
	}
}

// keeps is the stored profile of a connection, if it lets a password be kept.
func (s *session) keeps(c *connection) (store.Record, bool) {
	if !c.profile.Auth.XAuth.Save {
		return store.Record{}, false
	}
	r, err := s.store.Get(c.profile.Meta.UUID)
	return r, err == nil
}
