package serve

import (
	"context"
	"net"
	"net/http"
	"strings"

	"muvpn/client/pipe"
	"muvpn/client/reason"
)

// Guard says what a peer may do; pipe.Guard is one.
type Guard interface {
	// Known is what is known at once.
	Known(pipe.Peer) pipe.Rights
	// Rights may ask around, for a bounded time.
	Rights(context.Context, pipe.Peer) pipe.Rights
}

// connKey is where a request's context holds its connection.
type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// host is the name that our programs ask for. A browser would say another one.
const host = "muvpnd"

// fromBrowser says that a page in a browser has made the request, by whatever
// way it has come here: none of our programs sends such headers.
func fromBrowser(r *http.Request) bool {
	for name := range r.Header {
		if name == "Origin" || name == "Referer" || name == "Cookie" || strings.HasPrefix(name, "Sec-") {
			return true
		}
	}
	return r.Host != host
}

// caller is who sent r, as is known now: rights come and go while a connection
// lasts. Who may not use the service is refused, and so is every browser.
func (s *server) caller(r *http.Request) (Caller, error) {
	c, ok := r.Context().Value(connKey{}).(peered)
	if !ok || fromBrowser(r) {
		return Caller{}, &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client,
			Seen: "a request from somewhere else than a program of this computer", Expected: pipe.Welcome}
	}
	who, err := c.Peer()
	if err != nil {
		return Caller{}, stranded(who, err)
	}
	rights := s.guard.Rights(r.Context(), who)
	if rights < pipe.Use {
		return Caller{}, stranded(who, nil)
	}
	return Caller{Peer: who, Rights: rights}, nil
}
