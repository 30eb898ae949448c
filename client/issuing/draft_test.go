package issuing

import (
	"math"
	"net/netip"
	"strings"
	"testing"

	"muvpn/client/issuing/roster"
)

// A name for a network stands in the checklist, and changes nobody's profile.
func TestNamesOfNetworks(t *testing.T) {
	a := newAdmin(t, office)
	a.issue("user\nlisa")
	a.site = site(t, names(`name = "Workshop", network = "192.168.10.0/24", domain = "w.example.com", secondary = true`))
	i := a.issue("user\nlisa")
	if i.Fresh() != 0 {
		t.Error("a name made new profiles")
	}
	files, err := i.gatewayFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"192.168.10.0/24 is Workshop, w.example.com, a secondary network.", "done for Workshop, 192.168.10.0/24."} {
		if !strings.Contains(string(files["checklist.txt"]), text) {
			t.Errorf("the checklist does not say %q:\n%s", text, files["checklist.txt"])
		}
	}
}

// draft is a draft of a roster in CSV, after what the admin has issued.
func (a *admin) draft(csv string) (*Issue, roster.List, roster.Faults) {
	a.t.Helper()
	table, err := roster.Read([]byte(csv))
	if err != nil {
		a.t.Fatal(err)
	}
	users, found := table.Users()
	i, faults, err := Draft(Order{Site: a.site, Roster: users, State: a.state, Now: noon}, found)
	if err != nil {
		a.t.Fatal(err)
	}
	return i, users, faults
}

// A draft needs no folder of secrets, gives everybody what an issue would, and goes
// on where an issue stops.
func TestDraft(t *testing.T) {
	a := newAdmin(t, office)
	a.issue("user\nlisa\nbart")
	i, _, faults := a.draft("user\nmaggie\nbart\nlisa")
	if len(faults) > 0 {
		t.Errorf("%v", faults)
	}
	want(t, fresh(i), "maggie#1 192.168.10.5")
	i, _, faults = a.draft("user,virtual IP,expires\nmaggie,192.168.10.2,2020-01-01\nhomer")
	want(t, faults.Error(), "B2 (virtual IP): 192.168.10.2 is a server's address; give the user another, or leave it blank\n"+
		"C2 (expires): 2020-01-01 is over; give a later day, or take the row away")
	if len(i.Users) != 2 || i.Users[1].VirtualIP.String() != "192.168.10.3" {
		t.Errorf("%+v", i.Users)
	}
}

// Of ten addresses two are servers'; a revoked user keeps his, and the roster
// names one.
func TestPoolUse(t *testing.T) {
	a := newAdmin(t, office)
	if u := a.site.PoolUse(); u != (Use{Size: 10, Reserved: 2, Free: 8}) {
		t.Errorf("%+v", u)
	}
	a.issue("user\nlisa\nbart")
	if err := a.state.Revoke("lisa", noon); err != nil {
		t.Fatal(err)
	}
	i, list, _ := a.draft("user,virtual IP\nlisa\nbart\nmaggie,192.168.10.9\nhomer,10.9.9.9\nmarge")
	if u := i.PoolUse(list); u != (Use{Size: 10, Reserved: 2, Revoked: 1, Used: 3, Given: 1, Free: 4, Needed: 2}) {
		t.Errorf("%+v", u)
	}
}

func TestSizeOfPools(t *testing.T) {
	for text, want := range map[string]uint64{
		"10.9.0.1 10.9.0.1-10.9.0.3 10.9.0.2-10.9.0.9": 9, "10.9.0.8/29 10.9.0.1": 7, "10.0.0.0/8": 1<<24 - 2,
		"fd00::/64": math.MaxUint64, "fd00::/120": 256, "fd00::/48 10.9.0.1": math.MaxUint64, "": 0,
	} {
		var s Site
		for word := range strings.FieldsSeq(text) {
			var r Range
			if err := r.UnmarshalText([]byte(word)); err != nil {
				t.Fatal(err)
			}
			s.Pool = append(s.Pool, r)
		}
		s.Profile.Network.Networks = []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")}
		if got := s.PoolUse().Size; got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}
