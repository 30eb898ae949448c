package main

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"muvpn/client"
	"muvpn/client/mail"
)

// The secrets that came in by any way, in no form, are in the message; redacted,
// nor is who the user is and where the office is.
func TestMailHoldsNoSecret(t *testing.T) {
	t.Parallel()
	const password = "pw-Canary-9fKx2"
	g := startGateway(t, 0, 0, nil)
	r := start(t, t.TempDir())
	r.imported(profileFor(t, g.IKE().Port(), g.NATT().Port(), edits{"[gateway]", "[meta]\nsupport = \"help@example.com\"\n[gateway]"}))
	if _, err := r.Up(t.Context(), client.Up{User: "lisa", Password: []byte(password), PSK: []byte(psk)}); err != nil {
		t.Fatal(err)
	}
	now := r.until("connected", is(client.Connected))
	if _, err := r.Diagnose(t.Context(), client.Diagnose{}); err != nil {
		t.Fatal(err)
	}
	g.LogOut()
	r.until("connected again", func(s client.Status) bool {
		return s.State == client.Connected && s.IKE.Cookies != now.IKE.Cookies
	})
	secrets := []string{psk, password, strings.Split(now.Proxy.HTTP, ":")[2][:20]}
	for _, s := range secrets[:2] {
		secrets = append(secrets, hex.EncodeToString([]byte(s)), base64.StdEncoding.EncodeToString([]byte(s)))
	}
	for _, redact := range []bool{false, true} {
		report, err := mail.Collect(t.Context(), r.Client, mail.Options{Redact: redact})
		if err != nil {
			t.Fatal(err)
		}
		message, err := report.Message()
		if err != nil {
			t.Fatal(err)
		}
		if report.To == nil || report.To.Address != "help@example.com" || report.Failure == nil {
			t.Errorf("to %v because of %v", report.To, report.Failure)
		}
		all := string(message) + report.Subject() + report.Summary() + string(report.Log.Text) + string(report.Log.JSON)
		for _, s := range secrets {
			if strings.Contains(all, s) {
				t.Errorf("redacted %t: %q is in it", redact, s)
			}
		}
		for _, private := range []string{"lisa", "192.168.10."} {
			if strings.Contains(all, private) == redact {
				t.Errorf("redacted %t: that %s is in it is %t", redact, private, !redact)
			}
		}
	}
}
