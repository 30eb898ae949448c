package store

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/pelletier/go-toml/v2"

	"muvpn/profile"
)

// Login is a user name and a password that a gateway has accepted (XAuth). It is
// kept where the profile allows it (auth.xauth.save), apart from the profile and
// from its other secrets, which the administrator gave. It prints as [redacted].
type Login struct {
	User     string
	Password profile.Secret
}

// loginSuffix ends the name of the file of a profile's Login.
const loginSuffix = ".login"

func loginFile(r Record) string { return r.Profile.Meta.UUID + loginSuffix }

// loginText is a Login as it is written.
type loginText struct {
	User     string `toml:"user"`
	Password string `toml:"password"` // base64: it may be any octets
}

// Login is the one that is kept for a profile; without a password there is none.
func (s *Store) Login(r Record) (Login, error) {
	written, err := s.disk.readIfThere(loginFile(r))
	if err != nil || written == nil {
		return Login{}, err
	}
	defer clear(written)
	text, err := s.openSecret(loginFile(r), written)
	if err != nil {
		return Login{}, err
	}
	defer clear(text)
	var l loginText
	err = toml.Unmarshal(text, &l)
	password, broken := base64.StdEncoding.DecodeString(l.Password)
	if err != nil || broken != nil {
		return Login{}, fmt.Errorf("%s cannot be read", loginFile(r)) // the error would quote the password
	}
	defer clear(password)
	return Login{User: l.User, Password: profile.NewSecret(password)}, nil
}

// KeepLogin keeps a Login in the place of another one.
func (s *Store) KeepLogin(r Record, l Login) error {
	before, err := s.Login(r)
	if err == nil && before.User == l.User && bytes.Equal(before.Password.Reveal(), l.Password.Reveal()) {
		return nil
	}
	text, err := toml.Marshal(loginText{l.User, base64.StdEncoding.EncodeToString(l.Password.Reveal())})
	if err != nil {
		return err
	}
	return s.writeSecret(loginFile(r), text)
}

// ForgetLogin forgets what is kept; nothing when nothing is.
func (s *Store) ForgetLogin(r Record) error { return s.disk.remove(loginFile(r)) }
