package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/tuntest"
)

// phase1s are the proposals whose handshakes are measured.
var phase1s = []string{"des-md5-modp768", "3des-sha1-modp1024", "aes128-sha256-modp2048", "aes256-sha256-ecp256"}

// handshakes is how often each is measured.
const handshakes = 15

// handshake is one connection's beginning, from Start to Up.
type handshake struct {
	took  time.Duration
	trips int // from a message of ours to the answer that it waits for
}

// measureHandshakes connects again and again. The tunnel runs in this process,
// without a service and a network to configure around it.
func measureHandshakes(ctx context.Context, l *lab) (map[string][]handshake, error) {
	all := map[string][]handshake{}
	for range handshakes {
		for _, phase1 := range phase1s {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			h, err := shake(l, phase1)
			if err != nil {
				return nil, fmt.Errorf("handshake with %s: %w", phase1, err)
			}
			all[phase1] = append(all[phase1], h)
		}
	}
	return all, nil
}

func shake(l *lab, phase1 string) (handshake, error) {
	device := tuntest.New(1)
	defer device.Close()
	begin := time.Now()
	var t *tunnel.Tunnel
	err := inside(l.user, func() (err error) {
		t, err = tunnel.Start(tunnel.Config{
			Profile: shakeProfile(phase1), PSK: profile.NewSecret([]byte(psk)),
			Gateway: netip.MustParseAddr(gatewayOuter), Device: device,
		})
		return err
	})
	if err != nil {
		return handshake{}, err
	}
	defer t.Close()
	return follow(t, begin)
}

// follow counts round trips until the tunnel is up: answers behind messages.
func follow(t *tunnel.Tunnel, begin time.Time) (handshake, error) {
	h, sent := handshake{}, false
	for e := range t.Events() {
		switch e := e.(type) {
		case tunnel.Note:
			switch {
			case e.Code == "IKE_TX":
				sent = true
			case e.Code == "IKE_RX" && sent:
				sent = false
				h.trips++
			}
		case tunnel.Up:
			h.took = time.Since(begin)
			return h, nil
		case tunnel.Down:
			return h, e.Reason
		}
	}
	return h, context.Canceled
}

func shakeProfile(phase1 string) *profile.Profile {
	return &profile.Profile{
		Auth: profile.Auth{LocalID: profile.ID{Type: "user_fqdn", Value: "lisa"}},
		IKE:  profile.IKE{Proposals: []string{phase1}, NATTraversal: "force"},
		ESP:  profile.ESP{Proposals: []string{"aes128gcm16"}},
		Network: profile.Network{
			VirtualIP: profile.VirtualIP{Address: netip.MustParseAddr(userInner)},
			Networks:  []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
		},
		Policy: profile.Policy{Security: "legacy"},
	}
}

func printHandshakes(all map[string][]handshake) {
	fmt.Println("Handshake, Aggressive Mode and Quick Mode; the milliseconds are of both ends on this machine")
	for _, phase1 := range phase1s {
		list := all[phase1]
		slices.SortFunc(list, func(a, b handshake) int { return int(a.took - b.took) })
		m := list[len(list)/2]
		fmt.Printf("%-24s %d round trips + %.1f ms\n", phase1, m.trips, float64(m.took.Microseconds())/1000)
	}
	fmt.Println()
}
