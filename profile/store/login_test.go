package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/profile"
)

var hers = Login{User: "lisa", Password: profile.NewSecret([]byte("a \"word\" of\nh\xe8rs"))}

// kept is a store that keeps lisa's login for her profile.
func kept(t *testing.T) (*Store, Record) {
	t.Helper()
	s := fresh(t)
	r, _ := add(t, s, plain(office(uuidA, 1)))
	if l, err := s.Login(r); err != nil || !l.Password.Empty() {
		t.Fatalf("%v, %v", l, err)
	}
	if err := s.KeepLogin(r, hers); err != nil {
		t.Fatal(err)
	}
	return s, r
}

// loginFiles are all that there are.
func loginFiles(s *Store) (names []string) {
	names, _ = filepath.Glob(s.disk.path("*" + loginSuffix))
	return names
}

func TestLoginIsKeptUntilItIsForgotten(t *testing.T) {
	s, r := kept(t)
	s = opened(t, s.disk.folder)
	got, err := s.Login(r)
	if err != nil || got.User != "lisa" || !got.Password.Equal(hers.Password) {
		t.Errorf("%v, %v", got, err)
	}
	if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, "h\xe8rs") {
		t.Errorf("it prints as %s", text)
	}
	info, err := os.Stat(s.disk.path(loginFile(r)))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
	if err := s.ForgetLogin(r); err != nil || len(loginFiles(s)) > 0 {
		t.Errorf("%v, %v", err, loginFiles(s))
	}
}

// With the profile goes what was kept for it, and with an update, which may be
// for another user.
func TestLoginGoesWithItsProfile(t *testing.T) {
	for name, act := range map[string]func(*Store, Record) error{
		"update": func(s *Store, _ Record) error {
			_, _, err := s.Add(plain(office(uuidA, 2)), Consent{}, now)
			return err
		},
		"remove": func(s *Store, r Record) error { return s.Remove(r, true) },
		"vanish": func(s *Store, r Record) error {
			if err := os.Remove(s.disk.path(recordFile(uuidA))); err != nil {
				return err
			}
			_, _, err := Open(s.disk.folder, nil)
			return err
		},
	} {
		s, r := kept(t)
		if err := act(s, r); err != nil || len(loginFiles(s)) > 0 {
			t.Errorf("%s: %v, left: %v", name, err, loginFiles(s))
		}
	}
}

// What cannot be read is said without being quoted.
func TestSpoiledLogin(t *testing.T) {
	s, r := kept(t)
	if err := os.WriteFile(s.disk.path(loginFile(r)), []byte("password = \"hers"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(r); err == nil || strings.Contains(err.Error(), "hers") {
		t.Error(err)
	}
	if err := s.KeepLogin(r, hers); err != nil {
		t.Error(err)
	}
}
