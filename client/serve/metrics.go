package serve

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"muvpn/client"
)

// metrics answers in the text format 0.0.4 of Prometheus.
func (s *server) metrics(w http.ResponseWriter, _ *http.Request, _ Caller) error {
	now, _ := s.service.Status()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, err := w.Write([]byte(metricsOf(now)))
	return err
}

// strengths are those that a connection can have, and none.
var strengths = []client.Strength{client.Broken, client.Aging, client.Strong}

// metricsOf is a status as metrics. Their names are an interface. A monitoring
// system keeps what it reads for long and shows it to many: so there is no
// address, no user, no gateway and no name of a profile among them.
func metricsOf(s client.Status) string {
	var e exposition
	e.family("muvpn_build_info", "gauge", "The version of the service.")
	e.sample(1, "version", client.Build())
	e.family("muvpn_state", "gauge", "1 for the state of the session, 0 for the others.")
	for _, state := range client.States {
		e.sample(flag(s.State == state), "state", string(state))
	}
	if s.Reason != "" {
		e.family("muvpn_failure", "gauge", "1 for the reason why the session has failed or is not connected yet.")
		e.sample(1, "reason", string(s.Reason))
	}
	if s.Since != nil {
		e.single("muvpn_connected_start_time_seconds", "gauge", "When the connection was established, in Unix time.", unix(*s.Since))
	}
	e.family("muvpn_strength", "gauge", "1 for the strength of the weaker phase, 0 for the others.")
	for _, strength := range strengths {
		e.sample(flag(s.Strength == strength), "strength", string(strength))
	}
	e.traffic(s)
	e.times(s)
	return e.String()
}

// traffic is what the connection has carried and lost.
func (e *exposition) traffic(s client.Status) {
	e.single("muvpn_received_bytes_total", "counter", "Octets of inner packets received in this connection.", float64(s.BytesIn))
	e.single("muvpn_sent_bytes_total", "counter", "Octets of inner packets sent in this connection.", float64(s.BytesOut))
	e.single("muvpn_received_packets_total", "counter", "Inner packets received in this connection.", float64(s.PacketsIn))
	e.single("muvpn_sent_packets_total", "counter", "Inner packets sent in this connection.", float64(s.PacketsOut))
	if len(s.Drops) > 0 {
		e.family("muvpn_dropped_packets_total", "counter", "Packets dropped in this connection, by why.")
		for _, why := range slices.Sorted(maps.Keys(s.Drops)) {
			e.sample(float64(s.Drops[why]), "why", why)
		}
	}
	e.single("muvpn_ike_retransmissions_total", "counter", "Messages of IKE sent again in this connection because no answer had come.", float64(s.Retransmissions))
}

// times are how long things take, and until when they hold.
func (e *exposition) times(s client.Status) {
	e.roundTrip("muvpn_round_trip", "How long the gateway took to answer the last message of IKE that was measured.", s.RoundTrip)
	e.roundTrip("muvpn_tunnel_round_trip", "How long the last TCP handshake or echo that was measured took through the tunnel and back.", s.TunnelRoundTrip)
	if s.RekeyIn > 0 {
		e.single("muvpn_rekey_seconds", "gauge", "Seconds until the next rekey.", float64(s.RekeyIn))
	}
}

// roundTrip is a round trip, unless none was measured.
func (e *exposition) roundTrip(name, help string, r *client.RoundTrip) {
	if r == nil {
		return
	}
	e.single(name+"_seconds", "gauge", help, seconds(r.LastMS))
	e.single(name+"_smoothed_seconds", "gauge", "The same, smoothed.", seconds(r.SmoothedMS))
	e.single(name+"_measured_time_seconds", "gauge", "When it was measured, in Unix time.", unix(r.At))
}

// exposition is metrics in Prometheus' text format.
type exposition struct {
	strings.Builder
	name string // of the family under way
}

// family begins the samples of one name.
func (e *exposition) family(name, kind, help string) {
	e.name = name
	fmt.Fprintf(e, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// sample is one value of the family, with one label.
func (e *exposition) sample(value float64, label, text string) {
	fmt.Fprintf(e, "%s{%s=\"%s\"} %s\n", e.name, label, escapeLabel.Replace(text), number(value))
}

// single is a family of one sample without labels.
func (e *exposition) single(name, kind, help string, value float64) {
	e.family(name, kind, help)
	fmt.Fprintf(e, "%s %s\n", name, number(value))
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// seconds are milliseconds, to the microsecond.
func seconds(ms float64) float64 { return math.Round(ms*1000) / 1e6 }

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
