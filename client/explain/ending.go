package explain

import (
	"time"

	"muvpn/client"
	"muvpn/client/figures"
)

// Ended says why a connection was ended that has not failed: a sentence without
// its full stop, as a template and its data, so that it can be translated. Of a
// limit that is newer than this program only the service's words are known.
func Ended(e *client.Ending) (text string, data map[string]any) {
	data = map[string]any{"Time": figures.Limit(time.Duration(e.Seconds) * time.Second)}
	switch e.Limit {
	case client.IdleLimit:
		return "Disconnected after {{.Time}} without traffic", data
	case client.SessionLimit:
		return "Disconnected after {{.Time}}, the longest that the profile allows", data
	}
	return e.Text, data
}
