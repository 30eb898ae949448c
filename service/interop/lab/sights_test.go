package lab

import "testing"

func TestSightsAreCountedAndShown(t *testing.T) {
	s := newSights()
	if got := s.String() + s.Of(SightDNS, SightIKE); got != "nothing" {
		t.Errorf("no sights are %q", got)
	}
	for range 5 {
		s.add(SightDNS, "a query")
	}
	s.add(SightDNS, "another")
	s.add(SightIKE, "a message")
	if got, want := s.String(), "DNS 6, IKE 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := s.Of(SightInner, SightDNS), "6 DNS (a query; another)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
