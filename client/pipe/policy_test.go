package pipe

import "testing"

func TestRights(t *testing.T) {
	p := Policy{Root: "0", Self: "990", Admins: "27", Users: "1042", Seated: "4"}
	for _, c := range []struct {
		name string
		who  Peer
		want Rights
	}{
		{"root", Peer{User: "0"}, Administer},
		{"the service's own user", Peer{User: "990"}, Administer},
		{"an administrator", Peer{User: "1000", Groups: []string{"100", "27"}}, Administer},
		{"a member of muvpn", Peer{User: "1000", Groups: []string{"100", "1042"}}, Use},
		{"who sits at the computer, where the system puts them into a group", Peer{User: "1000", Groups: []string{"4"}}, Use},
		{"somebody else", Peer{User: "1000", Groups: []string{"100"}}, Nothing},
		{"a group with the number of root", Peer{User: "1000", Groups: []string{"0"}}, Nothing},
		{"nobody known", Peer{Groups: []string{"1042"}}, Nothing},
	} {
		if got := p.Rights(c.who); got != c.want {
			t.Errorf("%s: rights %d, want %d", c.name, got, c.want)
		}
	}
}

// A system without the group must not let in whoever has no group either.
func TestNoGroupNoRights(t *testing.T) {
	p := Policy{Root: "0", Self: "990"}
	if got := p.Rights(Peer{User: "1000", Groups: []string{""}}); got != Nothing {
		t.Errorf("rights %d, want none", got)
	}
}
