package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
)

// Before connecting, while connected, and when the gateway has gone: a diagnosis
// tells the truth, holds no secret and disturbs nothing.
func TestDiagnosis(t *testing.T) {
	t.Parallel()
	g := startGateway(t, 0, 0, nil)
	r := start(t, t.TempDir())
	text := profileFor(t, g.IKE().Port(), g.NATT().Port(), patient)
	r.imported(text)
	look := func() (client.Diagnosis, map[string]client.Check) {
		t.Helper()
		d, err := r.Diagnose(t.Context(), client.Diagnose{})
		if err != nil {
			t.Fatal(err)
		}
		checks := map[string]client.Check{}
		for _, c := range d.Checks {
			checks[c.Name] = c
			if strings.Contains(c.Text, psk) {
				t.Errorf("the pre-shared key is in %q", c.Text)
			}
		}
		return d, checks
	}

	d, checks := look()
	for tries := 1; d.Worst() != nil && tries < 5; tries++ { // a busy machine may answer late
		d, checks = look()
	}
	if w := d.Worst(); w != nil || d.Connected || checks["udp-500"].Verdict != client.Good || checks["udp-4500"].Verdict != client.Good || checks["offer"].Verdict != client.Good {
		t.Errorf("before connecting: %v, %+v", w, d)
	}

	before := r.connected()
	if before.RoundTrip == nil || before.RoundTrip.LastMS <= 0 {
		t.Errorf("the round trip is %+v", before.RoundTrip)
	}
	p, _, err := profile.ParseTOML([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tunnel.Knock(t.Context(), &tunnel.Config{Profile: &p, Gateway: netip.MustParseAddr("127.0.0.1")}); err != nil {
		t.Error(err)
	}
	if d, checks = look(); d.Worst() != nil || !d.Connected || checks["gateway"].Verdict != client.Good {
		t.Errorf("while connected: %+v", d)
	}
	if _, err := r.fetch(before, "http://192.168.10.2/"); err != nil {
		t.Error(err)
	}
	if now := r.until("connected", is(client.Connected)); now.ESP.SPIIn != before.ESP.SPIIn || now.Since.Compare(*before.Since) != 0 {
		t.Errorf("the connection was disturbed: before %+v, after %+v", before, now)
	}

	if _, err := r.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.Kill()
	if d, _ = look(); d.Worst() == nil || d.Worst().Code != reason.NoReply {
		t.Errorf("without a gateway: %+v", d)
	}
}

// What a monitoring system reads, over the socket itself.
func TestMetricsOverTheSocket(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	web := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return pipe.Dial(ctx, r.d.socket)
	}}}
	defer web.CloseIdleConnections()
	res, err := web.Get("http://muvpnd/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || !strings.Contains(string(body), "muvpn_state{state=\"disconnected\"} 1\n") {
		t.Errorf("%d, %v\n%s", res.StatusCode, err, body)
	}
}
