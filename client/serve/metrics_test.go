package serve

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
)

var when = time.Unix(1_800_000_000, 250e6)

// everything is a status in which everything is said.
var everything = client.Status{
	State: client.Connected, Step: "step", Reason: reason.PeerDead, Seen: "seen", Profile: "lisa's office", UUID: "0b9f5a3e",
	Gateway: "198.51.100.1", VirtualIP: netip.MustParseAddr("192.168.10.201"), Strength: client.Aging, Since: &when,
	Networks: []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
	BytesIn:  123456789012, BytesOut: 2, PacketsIn: 3, PacketsOut: 4, Retransmissions: 5, RekeyIn: 61,
	Drops:     map[string]uint64{"icv": 6, "a\"b\\c\nd": 7},
	RoundTrip: &client.RoundTrip{LastMS: 23.25, SmoothedMS: 3.497, At: when}, TunnelRoundTrip: &client.RoundTrip{LastMS: 31.5, SmoothedMS: 30, At: when},
	Proxy: &client.Proxy{SOCKS5: "socks5://user:password@127.0.0.1:1080"},
	IKE:   &client.IKE{Cookies: client.Cookies{Initiator: "0011223344556677"}},
}

// The grammar of the text format 0.0.4.
var (
	helpLine   = regexp.MustCompile(`^# HELP ([a-z][a-z0-9_]*) ([^\\]+)$`)
	typeLine   = regexp.MustCompile(`^# TYPE ([a-z][a-z0-9_]*) (counter|gauge)$`)
	sampleLine = regexp.MustCompile(`^([a-z][a-z0-9_]*)(?:\{([a-z][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"\})? ([0-9.]+)$`)
)

// parseMetrics reads metrics strictly: HELP, TYPE and samples of one family
// together, no name twice, no sample twice, counters named so.
func parseMetrics(t *testing.T, text string) map[string]float64 {
	t.Helper()
	if !strings.HasSuffix(text, "\n") {
		t.Error("the last line has no end")
	}
	samples, families, family := map[string]float64{}, map[string]string{}, ""
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		if m := helpLine.FindStringSubmatch(line); m != nil {
			family = m[1]
			if families[family] != "" || i+2 >= len(lines) || !strings.HasSuffix(m[2], ".") {
				t.Errorf("line %d: %q", i, line)
			}
			continue
		}
		if m := typeLine.FindStringSubmatch(line); m != nil {
			if m[1] != family || families[family] != "" || strings.HasSuffix(family, "_total") != (m[2] == "counter") {
				t.Errorf("line %d: %q in the family %s", i, line, family)
			}
			families[family] = m[2]
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || m[1] != family || families[family] == "" || !strings.HasPrefix(family, "muvpn_") {
			t.Errorf("line %d: %q in the family %s", i, line, family)
			continue
		}
		value, err := strconv.ParseFloat(m[4], 64)
		key := strings.TrimSuffix(line, " "+m[4])
		if _, twice := samples[key]; err != nil || twice {
			t.Errorf("line %d: %q", i, line)
		}
		samples[key] = value
	}
	return samples
}

func TestMetrics(t *testing.T) {
	got := parseMetrics(t, metricsOf(everything))
	for key, want := range map[string]float64{
		`muvpn_build_info{version="` + client.Build() + `"}`: 1,
		`muvpn_state{state="connected"}`:                     1, `muvpn_state{state="failed"}`: 0,
		`muvpn_failure{reason="PEER_DEAD"}`: 1, `muvpn_connected_start_time_seconds`: 1_800_000_000.25,
		`muvpn_strength{strength="aging"}`: 1, `muvpn_strength{strength="strong"}`: 0,
		`muvpn_received_bytes_total`: 123456789012, `muvpn_sent_bytes_total`: 2, `muvpn_received_packets_total`: 3, `muvpn_sent_packets_total`: 4,
		`muvpn_dropped_packets_total{why="icv"}`: 6, `muvpn_dropped_packets_total{why="a\"b\\c\nd"}`: 7,
		`muvpn_ike_retransmissions_total`: 5, `muvpn_rekey_seconds`: 61,
		`muvpn_round_trip_seconds`: 0.02325, `muvpn_round_trip_smoothed_seconds`: 0.003497,
		`muvpn_round_trip_measured_time_seconds`: 1_800_000_000.25,
		`muvpn_tunnel_round_trip_seconds`:        0.0315, `muvpn_tunnel_round_trip_smoothed_seconds`: 0.03,
		`muvpn_tunnel_round_trip_measured_time_seconds`: 1_800_000_000.25,
	} {
		if v, ok := got[key]; !ok || v != want {
			t.Errorf("%s is %v, want %v", key, v, want)
		}
	}
}

func TestMetricsWhileDisconnected(t *testing.T) {
	got := parseMetrics(t, metricsOf(client.Status{State: client.Disconnected}))
	if got[`muvpn_state{state="disconnected"}`] != 1 || len(got) != 1+len(client.States)+len(strengths)+5 {
		t.Errorf("%v", got)
	}
}

// Whoever reads a dashboard learns no name and no address.
func TestMetricsNameNobody(t *testing.T) {
	for _, private := range []string{"lisa", "198.51.100", "192.168.10", "0b9f5a3e", "password", "00112233", "seen", "step"} {
		if text := metricsOf(everything); strings.Contains(text, private) {
			t.Errorf("the metrics name %s:\n%s", private, text)
		}
	}
}

func TestMetricsEndpoint(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		f.say(everything)
		for user, want := range map[string]int{"1000": 200, "1001": 403} {
			c := d.come(user)
			go io.WriteString(c, get("/metrics"))
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != want || want == 200 && (string(body) != metricsOf(everything) ||
				res.Header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8") {
				t.Errorf("user %s: %d %s", user, res.StatusCode, fmt.Sprint(res.Header))
			}
			c.Close()
		}
	})
}
