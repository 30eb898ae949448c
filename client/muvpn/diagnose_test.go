package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/client/reason"
)

func TestDiagnoseSaysEachCheckAndTheWorst(t *testing.T) {
	service := clienttest.Start(t)
	service.Found = client.Diagnosis{Profile: "Office", Checks: []client.Check{
		{Name: "name", Verdict: client.Good, Text: "vpn.example.com is 198.51.100.1"},
		{Name: "udp-500", Verdict: client.Wrong, Text: "no answer", Reason: &reason.Reason{Code: reason.NoReply, Side: reason.Network, Seen: "no answer"}},
		{Name: "mtu", Verdict: client.Skipped, Text: "not tried"},
	}}
	got := piped(t, service, "", "diagnose", "Office")
	wantCode(t, got, 1)
	want := "Diagnosis of Office, not connected\n" +
		"  ok     service    muvpnd " + client.Build() + " is running\n" +
		"  ok     name       vpn.example.com is 198.51.100.1\n" +
		"  WRONG  udp-500    no answer\n" +
		"  -      mtu        not tried\n"
	if got.out != want {
		t.Errorf("it prints\n%s\nwant\n%s", got.out, want)
	}
	wantText(t, got.err, "NO_REPLY", "You can:")
	if asked := service.Asked(); len(asked) != 1 || asked[0] != (client.Diagnose{Profile: "Office"}) {
		t.Errorf("the service was asked %+v", asked)
	}
}

func TestDiagnoseNothingIsWrong(t *testing.T) {
	service := clienttest.Start(t)
	service.Found = client.Diagnosis{Profile: "Office", Connected: true, Checks: []client.Check{{Name: "traffic", Verdict: client.Doubt, Text: "none"}}}
	got := piped(t, service, "", "diagnose")
	wantCode(t, got, 0)
	wantText(t, got.out, "Diagnosis of Office, connected", "look   traffic    none", "Nothing is wrong.")
}

// With --json there is one value on standard output, whatever was found.
func TestDiagnoseJSON(t *testing.T) {
	service := clienttest.Start(t)
	service.Found = client.Diagnosis{Profile: "Office", Checks: []client.Check{
		{Name: "udp-500", Verdict: client.Wrong, Text: "x", Reason: &reason.Reason{Code: reason.NoReply}}}}
	got := piped(t, service, "", "diagnose", "--json")
	wantCode(t, got, 1)
	var d client.Diagnosis
	if err := json.Unmarshal([]byte(got.out), &d); err != nil || len(d.Checks) != 2 || d.Checks[1].Reason.Code != reason.NoReply || got.err != "" {
		t.Errorf("%v: %s%s", err, got.out, got.err)
	}
}

func TestDiagnoseWithoutAService(t *testing.T) {
	got := piped(t, nil, "", "--socket", filepath.Join(t.TempDir(), "none.sock"), "diagnose")
	wantCode(t, got, 1)
	wantText(t, got.out, "WRONG  service    no service listens")
	wantText(t, got.err, "NO_PRIVILEGE")
}
