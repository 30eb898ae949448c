package explain

import (
	"testing"

	"muvpn/client"
)

func TestEnded(t *testing.T) {
	for _, c := range []struct {
		ending     client.Ending
		text, time string
	}{
		{client.Ending{Limit: client.IdleLimit, Seconds: 1800}, "Disconnected after {{.Time}} without traffic", "30 min"},
		{client.Ending{Limit: client.SessionLimit, Seconds: 8 * 3600}, "Disconnected after {{.Time}}, the longest that the profile allows", "8 h"},
		{client.Ending{Limit: "from-the-future", Text: "Disconnected for a reason"}, "Disconnected for a reason", "0 h"},
	} {
		if text, data := Ended(&c.ending); text != c.text || data["Time"] != c.time {
			t.Errorf("%+v: %q, %v", c.ending, text, data)
		}
	}
}
