package service

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/tunnel"
)

// knocked is what a fake of tunnel.Knock was asked.
type knocked struct {
	profile *profile.Profile
	gateway netip.Addr
	marked  bool
}

// knocksLike has the service's knocking take so long, and come to nothing else.
func (r *rig) knocksLike(takes time.Duration) *[]knocked {
	var all []knocked
	r.knock = func(_ context.Context, c *tunnel.Config) (tunnel.Reach, error) {
		all = append(all, knocked{c.Profile, c.Gateway, c.Prepare != nil})
		time.Sleep(takes)
		return tunnel.Reach{Local: netip.MustParseAddr("192.168.1.23"), IKE: tunnel.Port{Answered: true}, Own: true, NAT: "none"}, nil
	}
	return &all
}

// byName is a check of a diagnosis.
func byName(t *testing.T, d client.Diagnosis, name string) client.Check {
	t.Helper()
	for _, c := range d.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no %s in %+v", name, d)
	return client.Check{}
}

func TestDiagnoseBeforeConnecting(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		asked := r.knocksLike(time.Second)
		d, err := r.Diagnose(t.Context(), user, client.Diagnose{})
		if err != nil || d.Profile != "Office" || d.Connected {
			t.Fatalf("%+v, %v", d, err)
		}
		if c := byName(t, d, "name"); c.Verdict != client.Good || !strings.Contains(c.Text, "firebox.example.com is 198.51.100.1") {
			t.Errorf("%+v", c)
		}
		for _, name := range []string{"udp-500", "offer", "nat", "clock", "overlap", "profile"} {
			if c := byName(t, d, name); c.Verdict != client.Good {
				t.Errorf("%+v", c)
			}
		}
		if len(*asked) != 1 || (*asked)[0].gateway.String() != "198.51.100.1" || !(*asked)[0].marked {
			t.Errorf("it knocked at %+v", *asked)
		}
		if seen := sprint(d) + sprint((*asked)[0].profile) + r.log(client.LogOptions{}); strings.Contains(seen, psk) {
			t.Error("the pre-shared key is in it")
		}
		r.tells("DIAGNOSIS")
		if log := r.log(client.LogOptions{Redact: true}); strings.Contains(log, "lisa") || strings.Contains(log, "192.168.1") {
			t.Errorf("the redacted log is\n%s", log)
		}
		r.is(client.Disconnected)
	})
}

// While connected nothing is sent to the gateway: the connection is the answer.
func TestDiagnoseWhileConnected(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		asked := r.knocksLike(0)
		f := r.connected()
		f.counts(tunnel.Counters{PacketsIn: 7, PacketsOut: 8})
		d, err := r.Diagnose(t.Context(), user, client.Diagnose{Profile: "Office"})
		if err != nil || !d.Connected || len(*asked) != 0 {
			t.Fatalf("%+v, %v, it knocked at %v", d, err, *asked)
		}
		if c := byName(t, d, "traffic"); c.Text != "7 packets in, 8 out" {
			t.Errorf("%+v", c)
		}
		if c := byName(t, d, "settings"); !strings.Contains(c.Text, "192.168.10.201") {
			t.Errorf("%+v", c)
		}
		r.is(client.Connected)
	})
}

// A diagnosis that takes its time holds up neither the session nor another
// client, and there is one at a time.
func TestDiagnoseHoldsUpNobody(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.knocksLike(15 * time.Second)
		done := make(chan error)
		go func() {
			_, err := r.Diagnose(t.Context(), user, client.Diagnose{})
			done <- err
		}()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		var no *client.Refusal
		if _, err := r.Diagnose(t.Context(), user, client.Diagnose{}); !errors.As(err, &no) || no.Kind != client.Busy {
			t.Errorf("a second one: %v", err)
		}
		start := time.Now()
		r.connected()
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("connecting meanwhile took %v", took)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if _, err := r.Diagnose(t.Context(), user, client.Diagnose{Profile: "nobody"}); !errors.As(err, &no) || no.Kind != client.NoProfile {
			t.Errorf("a profile that is not there: %v", err)
		}
	})
}
