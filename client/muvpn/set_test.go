package main

import (
	"testing"

	"muvpn/client"
	"muvpn/client/clienttest"
)

// withHome gives the test a home folder of its own.
func withHome(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, folder)
	}
}

// settable is a service whose profile connects at login by the user's wish.
func settable(t *testing.T) *clienttest.Service {
	t.Helper()
	s := clienttest.Start(t)
	s.Kept = []client.Setting{
		{SettingKind: client.ServiceSettings[0], Profile: "Office", Value: "at-login", Own: true},
		{SettingKind: client.ServiceSettings[1], Profile: "Office", Value: "off"},
	}
	return s
}

func TestSetLists(t *testing.T) {
	withHome(t)
	got := piped(t, settable(t), "", "set")
	wantCode(t, got, 0)
	wantText(t, got.out, "connect", "at-login", "you", "kill-switch", "Office", "theme", "system", "default", "language")
	got = piped(t, settable(t), "", "set", "theme", "--json")
	wantCode(t, got, 0)
	wantText(t, got.out, `"key": "theme"`, `"value": "system"`)
}

func TestSetChanges(t *testing.T) {
	withHome(t)
	s := settable(t)
	got := piped(t, s, "", "set", "connect", "at-login", "--profile", "Office")
	wantCode(t, got, 0)
	wantText(t, got.err, "connect is at-login for Office, from its next connection on")
	if asked := s.Asked(); len(asked) != 1 || asked[0] != (client.Set{Profile: "Office", Key: "connect", Value: "at-login"}) {
		t.Errorf("the service was asked %v", asked)
	}
	s.Fail("set", &client.Refusal{Kind: client.NotAllowed, Text: "Office is read-only"})
	got = piped(t, s, "", "set", "connect", "manual")
	wantCode(t, got, 1)
	wantText(t, got.err, "Office is read-only")
}

// The user's own settings need no service.
func TestSetOwn(t *testing.T) {
	withHome(t)
	wantCode(t, piped(t, nil, "", "--socket", t.TempDir()+"/none", "set", "theme", "dark"), 0)
	got := piped(t, nil, "", "--socket", t.TempDir()+"/none", "set", "theme")
	wantCode(t, got, 0)
	wantText(t, got.out, "dark", "you")
	got = piped(t, nil, "", "--socket", t.TempDir()+"/none", "set")
	wantCode(t, got, 1)
	wantText(t, got.out, "dark")
	wantText(t, got.err, "no service listens")
}

func TestSetWronglyIsWrongUse(t *testing.T) {
	withHome(t)
	for _, args := range [][]string{{"nonsense"}, {"theme", "pink"}, {"connect", "on-demand"}, {"connect", "manual", "x"}, {"", ""}} {
		got := piped(t, nil, "", append([]string{"set"}, args...)...)
		wantCode(t, got, 2)
	}
	wantText(t, piped(t, nil, "", "set", "connect", "soon").err, "manual", "at-login")
}
