package tunnel_test

import (
	"testing"
	"time"

	"muvpn/tunnel/linetest"
	"muvpn/tunnel/tuntest"
)

// How many SAs a day takes that are replaced when 80 to 90 % of a life of one
// hour are over, and of twenty minutes, the first one included.
var (
	hourly  = between{27, 30}
	thrice  = between{81, 90}
	either  = between{81, 125} // thrice, and one more whenever both ends began at once
	byBytes = between{40, 80}  // 512 kB at 200 octets a second and 40 kB for each exchange
)

// between is a number of things, both ends included.
type between [2]int

func (b between) has(n int) bool { return b[0] <= n && n <= b[1] }

// A day with a packet each way every second, and many while keys are exchanged: no rekey loses one, whoever began
// it, nothing piles up, and nothing is left at the end.
func TestDayOfLife(t *testing.T) {
	for _, day := range []struct {
		name     string
		setting  setting
		esp      between // SA pairs in all
		gateways between // those that the gateway began
	}{
		{"we rekey each hour", setting{fine, 200, time.Hour, time.Hour, 0, 0}, hourly, between{0, 0}},
		{"we rekey by volume", setting{fine, 200, time.Hour, 8 * time.Hour, 512, 0}, byBytes, between{0, 0}},
		{"the gateway rekeys", setting{fine, 200, time.Hour, 8 * time.Hour, 0, 55 * time.Minute}, between{27, 27}, between{26, 26}},
		{"either one rekeys", setting{fine, 200, time.Hour, 20 * time.Minute, 0, 17 * time.Minute}, either, between{10, 80}},
		{"on a bad line", setting{bad, 200, time.Hour, 20 * time.Minute, 0, 17 * time.Minute}, either, between{10, 80}},
	} {
		t.Run(day.name, func(t *testing.T) {
			live(t, day.setting, 24, func(l *life) {
				l.checkFlows()
				l.checkSAs(day.esp, day.gateways)
				if now := heap(); now > l.heap+heapSlack {
					t.Errorf("the heap holds %d octets, after two hours it was %d", now, l.heap)
				}
			})
		})
	}
}

// The weather. A bad line loses ESP and lets datagrams overtake each other, but
// not for so long that a packet over a new pair comes before the third message
// of Quick Mode. A worse one loses that, too.
var (
	fine  = linetest.Weather{Delay: 20 * time.Millisecond}
	bad   = linetest.Weather{Delay: 20 * time.Millisecond, Jitter: 900 * time.Millisecond, Loss: 0.03}
	worse = linetest.Weather{Delay: 20 * time.Millisecond, Jitter: 900 * time.Millisecond, Loss: 0.03, LossIKE: 0.03}
)

// heapSlack is what the runtime and the log of the test itself may need more, in
// octets: less than a tenth of what a day of SA pairs would.
const heapSlack = 128 << 10

// checkFlows sees that every packet arrived once that the line did not lose.
func (l *life) checkFlows() {
	l.Helper()
	lost := l.line.Lost()
	for _, way := range []struct {
		name string
		flow tuntest.Tally
		lost int
	}{{"to the office", l.out.Tally(), lost.ToGateway.ESP}, {"to the computer", l.in.Tally(), lost.ToClient.ESP}} {
		f := way.flow
		if f.Once != f.Sent-way.lost || f.Again > 0 || f.Strange > 0 {
			l.Errorf("%s: %+v, the line lost %d", way.name, f, way.lost)
		}
	}
	l.Logf("%d and %d packets sent, the line lost %d and %d; %d Phase 1 and %d SA pairs, %d by the gateway", l.out.Tally().Sent, l.in.Tally().Sent,
		lost.ToGateway.ESP, lost.ToClient.ESP, len(l.told.ike), len(l.told.esp), l.log.count(lineRekey))
}

// checkSAs sees that so many pairs have come and gone, so many of them by the
// gateway, and that one is left at both ends.
func (l *life) checkSAs(esp, gateways between) {
	l.Helper()
	if n := len(l.told.ike); !hourly.has(n) || l.log.count(linePhase1) != n {
		l.Errorf("%d Phase 1, the gateway completed %d, want %v", n, l.log.count(linePhase1), hourly)
	}
	if n := len(l.told.esp); !esp.has(n) {
		l.Errorf("%d SA pairs, want %v", n, esp)
	}
	if n := l.log.count(lineRekey); !gateways.has(n) {
		l.Errorf("the gateway began %d rekeys, want %v", n, gateways)
	}
	if here, there := l.tunnel.Pairs(), l.log.count(lineLoad)-l.log.count(lineRemove); here != 1 || there != 1 {
		l.Errorf("%d SA pairs here and %d at the gateway, want one", here, there)
	}
}

// Where IKE is lost, too, the tunnel lives none the less. What may be lost at a
// rekey is what was sent over the new pair after a second (quirk 44) until the
// gateway asks for the third message of Quick Mode once more, after ten.
func TestDayOnAWorseLine(t *testing.T) {
	live(t, setting{worse, 200, time.Hour, 20 * time.Minute, 0, 0}, 24, func(l *life) {
		out, in, lost := l.out.Tally(), l.in.Tally(), l.line.Lost()
		if in.Missing != lost.ToClient.ESP || in.Again > 0 || out.Again > 0 {
			t.Errorf("to the computer: %+v, to the office: %+v, the line lost %+v", in, out, lost)
		}
		if more := out.Missing - lost.ToGateway.ESP; more < 0 || more > out.Sent/50 {
			t.Errorf("to the office: %+v, the line lost %d", out, lost.ToGateway.ESP)
		}
		if n := len(l.told.esp); !thrice.has(n) {
			t.Errorf("%d SA pairs, want %v", n, thrice)
		}
		t.Logf("%d and %d packets sent, %d and %d missing, the line lost %+v", out.Sent, in.Sent, out.Missing, in.Missing, lost)
	})
}
