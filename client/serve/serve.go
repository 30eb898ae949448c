package serve

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"muvpn/client"
)

// The bounds of one connection; those of all are in places.go.
const (
	maxHeader   = 16 << 10
	maxRequest  = 64 << 10 // of every request but an import
	maxImport   = 2 << 20  // an .EXP of 1 MiB in base64
	headerTime  = 5 * time.Second
	requestTime = 15 * time.Second // to send a whole request
	answerTime  = 10 * time.Second // to take what was written at once
	idleTime    = time.Minute
	turnTime    = 2 * time.Second  // for who is turned away to ask and to be told
	rightsTime  = 10 * time.Second // for which who listens on keeps a right that they have lost
	farewell    = 2 * time.Second  // for answers under way when the service ends
)

// server joins a Service to HTTP.
type server struct {
	service Service
	guard   Guard
}

// Serve answers on l until ctx ends; then it closes l and every connection.
// guard is asked for each connection and each request, because rights come and
// go.
func Serve(ctx context.Context, l net.Listener, s Service, guard Guard) error {
	h := &http.Server{
		Handler:           (&server{s, guard}).routes(),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       withConn,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		if h.Shutdown(patience) != nil {
			h.Close()
		}
	})
	err := h.Serve(&door{Listener: l, guard: guard})
	if stop() { // the listener failed, ctx has not ended
		h.Close()
		return err
	}
	<-closed
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// routes is the whole interface. Only GET /version and GET /metrics are outside
// /v1.
func (s *server) routes() http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /version", s.verb(maxRequest, s.version))
	m.Handle("GET /metrics", s.verb(maxRequest, s.metrics))
	m.Handle("GET /v1/status", s.verb(maxRequest, s.status))
	m.Handle("GET /v1/watch", s.verb(maxRequest, s.watch))
	m.Handle("GET /v1/log", s.verb(maxRequest, s.log))
	m.Handle("GET /v1/profiles", s.verb(maxRequest, s.profiles))
	m.Handle("GET /v1/profiles/{name}", s.verb(maxRequest, s.show))
	m.Handle("DELETE /v1/profiles/{name}", s.verb(maxRequest, s.remove))
	m.Handle("POST /v1/import", s.verb(maxImport, s.importProfile))
	m.Handle("POST /v1/up", s.verb(maxRequest, s.up))
	m.Handle("POST /v1/down", s.verb(maxRequest, s.down))
	m.Handle("POST /v1/unblock", s.verb(maxRequest, s.unblock))
	m.Handle("POST /v1/answer", s.verb(maxRequest, s.answer))
	m.Handle("GET /v1/settings", s.verb(maxRequest, s.settings))
	m.Handle("POST /v1/settings", s.verb(maxRequest, s.set))
	m.Handle("POST /v1/diagnose", s.verb(maxRequest, s.diagnose))
	m.Handle("/", s.verb(maxRequest, func(http.ResponseWriter, *http.Request, Caller) error {
		return &client.Refusal{Kind: client.BadRequest, Text: "the service knows no such request"}
	}))
	return m
}

// verb is one request: who asks is known and may use the service, the body is
// bounded, and an error is answered as what it is.
func (s *server) verb(limit int64, do func(http.ResponseWriter, *http.Request, Caller) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		http.NewResponseController(w).SetWriteDeadline(time.Now().Add(requestTime + answerTime))
		who, err := s.caller(r)
		if err == nil {
			err = do(w, r, who)
		}
		if err != nil {
			answerError(w, err)
		}
	})
}
