package service

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
	"muvpn/docs/helpdesk"
	"muvpn/profile"
	"muvpn/tunnel/netcfg"
)

// named is a profile whose gateway has names alone.
const named = `name = "Names"
[gateway]
addresses = ["firebox.example.org"]
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { value = "` + psk + `" }
[network]
virtual_ip = { address = "192.168.10.201" }
networks = ["192.168.10.0/24"]
`

// The helpdesk's pages show what the service logs of failures that are this
// computer's: no gateway ever hears of them.
func TestHelpdeskPages(t *testing.T) {
	lan := netip.MustParsePrefix("192.168.10.0/24")
	ours := func(c reason.Code, seen, expected string) error {
		return &reason.Reason{Code: c, Side: reason.Client, Seen: seen, Expected: expected}
	}
	for code, fail := range map[reason.Code]func(r *rig){
		reason.NoRoute: func(r *rig) {
			r.startAs = ours(reason.NoRoute, "connect: network is unreachable", "a network that leads to the gateway")
			r.tries("Office")
		},
		reason.DNSFailed: func(r *rig) { r.imported(named); r.tries("Names") },
		reason.Cancelled: func(r *rig) { r.tries("Office"); r.Down(r.t.Context(), user) },
		reason.Internal:  func(r *rig) { f := r.begins(); f.ended = true; close(f.events) },
		reason.PortTaken: func(r *rig) {
			r.startAs = ours(reason.PortTaken, "UDP port 500 is held by charon (812)", "the port to be free, or ike.local_port = 0")
			r.tries("Office")
		},
		reason.NoTUN: func(r *rig) {
			r.host.openErr = ours(reason.NoTUN, "TUN interface: open /dev/net/tun: no such file or directory", "the system's driver for TUN interfaces")
			r.tries("Office")
		},
		reason.NoPrivilege: func(r *rig) {
			r.host.setErr = asPrivilege(fmt.Errorf("route 192.168.10.0/24: %w", fs.ErrPermission))
			r.begins().comeUp()
		},
		reason.IPConflict: func(r *rig) {
			r.host.setErr = netcfg.Conflict{Code: reason.IPConflict, Link: "eth0", Local: netip.MustParsePrefix("192.168.10.201/24")}.Reason()
			r.begins().comeUp()
		},
		reason.ProfileExpired: func(r *rig) {
			r.sealed(strings.Replace(office, "0b9f5a3e", "0b9f5a3f", 1), "Old", time.Now().Add(time.Hour))
			time.Sleep(2 * time.Hour)
			r.tries("Old")
		},
		reason.LANOverlap: func(r *rig) {
			r.host.setErr = netcfg.Conflict{Code: reason.LANOverlap, Link: "wlan0", Local: lan, Tunnel: lan}.Reason()
			r.begins().comeUp()
		},
	} {
		t.Run(string(code), func(t *testing.T) {
			run(t, func(t *testing.T, r *rig) {
				fail(r)
				time.Sleep(2*resolveTime + 5*time.Second)
				synctest.Wait()
				log := r.lastAttempt()
				r.stop()
				helpdesk.Hold(t, code, helpdesk.Log, helpdesk.Lines(t, log, string(code)+" (", "Asked to disconnect"))
			})
		})
	}
}

// tries asks for a connection that need not come about.
func (r *rig) tries(name string) { r.Up(r.t.Context(), user, client.Up{Profile: name}) }

// begins is a connection that is being made.
func (r *rig) begins() *fakeTunnel { return r.up(client.Up{Profile: "Office"}) }

// lastAttempt is the log from the last begin of a connection on, its times in UTC,
// without what is for developers.
func (r *rig) lastAttempt() (text string) {
	for line := range strings.Lines(r.log(client.LogOptions{JSON: true})) {
		l, ok := client.ParseLogLine([]byte(line))
		if !ok || l.Level == "debug" || l.Event == "IKE_TX" { // the rig's tunnel only plays
			continue
		}
		l.Time = l.When().UTC().Format("2006-01-02T15:04:05.000Z07:00")
		if l.Event == "CONNECT" {
			text = ""
		}
		text += l.String()
	}
	return text
}

// The pages about profiles show what the command line and the window are told of a
// file: nothing is connected, nothing logged.
func TestHelpdeskPagesOfProfiles(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		_, ours, _ := ed25519.GenerateKey(nil)
		toml := strings.NewReplacer("0b9f5a3e", "0b9f5a40", `"Office"`, `"Branch"`).Replace(office)
		if err := r.brings(toml, ours); err != nil {
			t.Fatal(err)
		}
		r.shows(reason.ProfileSigner, r.brings(toml, nil))
		weak := strings.Replace(toml, "3des-sha1-modp1024", "des-md5-modp768", 1)
		_, err := r.Import(t.Context(), user, client.Import{Plain: []byte(weak), Source: "plain TOML", Accept: []client.Consent{client.ConsentNew}})
		r.shows(reason.ProfileTooWeak, err)
	})
}

// brings is the import of a file that a signer has signed, or nobody.
func (r *rig) brings(toml string, signer ed25519.PrivateKey) error {
	r.t.Helper()
	p, _, err := profile.ParseTOML([]byte(toml))
	if err != nil {
		r.t.Fatal(err)
	}
	raw, err := profile.Seal(p, []byte("passphrase"), profile.SealOptions{
		Now: time.Now(), Signer: signer, Cost: profile.KDF{Time: 1, Memory: 19456, Lanes: 1}})
	if err != nil {
		r.t.Fatal(err)
	}
	s, err := profile.ParseEXP(raw)
	if err != nil {
		r.t.Fatal(err)
	}
	_, err = r.Import(r.t.Context(), user, client.Import{EXP: raw, Key: s.DeriveKey([]byte("passphrase")).Reveal(), Accept: []client.Consent{client.ConsentNew, client.ConsentFirstSigner}})
	return err
}

// shows holds what a user is told against the page.
func (r *rig) shows(code reason.Code, err error) {
	r.t.Helper()
	var why *reason.Reason
	if !errors.As(err, &why) || why.Code != code {
		r.t.Fatalf("%v, want %s", err, code)
	}
	helpdesk.Hold(r.t, code, helpdesk.Log, helpdesk.Lines(r.t, explain.Text(why), string(code)))
}
