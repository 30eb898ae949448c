package serve

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"time"

	"muvpn/client"
)

// counting is how often a watcher sees counters that have changed.
const counting = time.Second

// stream is an answer of many lines, each sent at once. A client that does not
// take them in time is given up, and one that has lost the right to them.
type stream struct {
	w       http.ResponseWriter
	do      *http.ResponseController
	begun   bool
	may     func() bool // use the service, still
	checked time.Time   // when that was asked last
}

func (s *server) newStream(w http.ResponseWriter, r *http.Request, who Caller, contentType string) *stream {
	out := &stream{w: w, do: http.NewResponseController(w), checked: time.Now()}
	out.may = func() bool { return s.guard.Rights(r.Context(), who.Peer) >= who.Rights }
	out.do.SetReadDeadline(time.Time{}) // the request is read; the client stays
	w.Header().Set("Content-Type", contentType)
	return out
}

// errLost ends a stream.
var errLost = errors.New("the caller has lost the right to listen")

// Write sends one line.
func (s *stream) Write(line []byte) (int, error) {
	if now := time.Now(); now.Sub(s.checked) >= rightsTime {
		if s.checked = now; !s.may() {
			return 0, errLost
		}
	}
	s.begun = true
	s.do.SetWriteDeadline(time.Now().Add(answerTime))
	n, err := s.w.Write(line)
	if err != nil {
		return n, err
	}
	return n, s.do.Flush()
}

// watch sends the whole status, and again whenever it has changed: at once
// when the session has, once a second when only counters have. However slow
// the client is, it is sent the status of the moment of sending.
func (s *server) watch(w http.ResponseWriter, r *http.Request, who Caller) error {
	out := s.newStream(w, r, who, "application/x-ndjson")
	tick := time.NewTicker(counting)
	defer tick.Stop()
	var sent *client.Status
	for {
		now, changed := s.statusFor(who)
		if sent == nil || !sameButTime(*sent, now) {
			b, err := json.Marshal(now)
			if err != nil {
				return err
			}
			if _, err := out.Write(append(b, '\n')); err != nil {
				return nil // the client has gone, or its right
			}
			sent = &now
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-r.Context().Done():
			return nil
		}
	}
}

// sameButTime compares two statuses without what time alone changes.
func sameButTime(a, b client.Status) bool {
	return reflect.DeepEqual(timeless(a), timeless(b))
}

func timeless(s client.Status) client.Status {
	s.RekeyIn = 0
	if s.IKE != nil {
		ike := *s.IKE
		ike.RekeyIn, s.IKE = 0, &ike
	}
	if s.ESP != nil {
		esp := *s.ESP
		esp.RekeyIn, s.ESP = 0, &esp
	}
	sas := make([]client.ESP, len(s.SAs))
	for i, sa := range s.SAs {
		sa.RekeyIn = 0
		sas[i] = sa
	}
	s.SAs = sas
	return s
}
