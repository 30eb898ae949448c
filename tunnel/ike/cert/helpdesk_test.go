package cert

import (
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
	"muvpn/docs/helpdesk"
	"muvpn/tunnel/ike/cert/certtest"
	"muvpn/tunnel/ike/wire"
)

// The helpdesk's pages show what is said of certificates that no gateway of the
// tests can show.
func TestHelpdeskPages(t *testing.T) {
	ca := certtest.Authority(t, "CN=Example CA")
	dns := certtest.DNS("firebox.example.com")
	leaf := ca.Issue(t, box, dns)
	for code, p := range map[reason.Code]wire.Payloads{
		reason.CertRevoked: append(payloads(leaf.Chain...), element(wire.CertCRL, ca.Revoke(t, leaf.Cert))),
		reason.Clock:       payloads(ca.Issue(t, box, dns, certtest.From(now.Add(24*time.Hour))).Chain...),
	} {
		_, r := judge(t, policy(ca), p)
		if r == nil || r.Code != code {
			t.Fatalf("%v, want %s", r, code)
		}
		line := client.LogLine{Time: now.Format("2006-01-02T15:04:05.000Z07:00"), Level: "error", Event: "FAILED", Profile: "Office", Text: explain.Line(r)}
		helpdesk.Hold(t, code, helpdesk.Log, helpdesk.Lines(t, line.String(), string(code)))
	}
}
