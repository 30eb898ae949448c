package userspace

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
)

// newWeb is the HTTP side: CONNECT, and plain requests that name the whole URL
// (RFC 9112 section 3.2.2).
func (p *Proxy) newWeb() *http.Server {
	quiet := log.New(io.Discard, "", 0)
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.Header.Del("Proxy-Authorization") },
		Transport: &http.Transport{
			DialContext:       func(ctx context.Context, _, addr string) (net.Conn, error) { return p.dial(ctx, addr) },
			DisableKeepAlives: true, // a connection kept here would outlive the tunnel's address
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { refuse(w, err) },
		ErrorLog:     quiet,
	}
	return &http.Server{
		ReadHeaderTimeout: handshake,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          quiet,
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.handle(w, r, forward) }),
	}
}

// handle checks who asks, and does what is asked.
func (p *Proxy) handle(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	switch {
	case !p.authorized(r):
		w.Header().Set("Proxy-Authenticate", `Basic realm="muvpn"`)
		http.Error(w, "user and password of this run are in the output of: muvpn status", http.StatusProxyAuthRequired)
	case r.Method == http.MethodConnect:
		p.connectWeb(w, r)
	case r.URL.Scheme != "http" || r.URL.Host == "":
		http.Error(w, "this is a proxy: ask for a whole http:// URL, or CONNECT", http.StatusBadRequest)
	default:
		forward.ServeHTTP(w, r)
	}
}

// authorized checks the Basic credentials of RFC 7617.
func (p *Proxy) authorized(r *http.Request) bool {
	scheme, encoded, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !strings.EqualFold(scheme, "Basic") {
		return false
	}
	user, password, _ := strings.Cut(string(plain), ":")
	return p.valid(user, password)
}

// connectWeb joins a client that asked for CONNECT to its target.
func (p *Proxy) connectWeb(w http.ResponseWriter, r *http.Request) {
	target, err := p.dial(r.Context(), r.Host)
	if err != nil {
		refuse(w, err)
		return
	}
	defer target.Close()
	client, rest, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, err)
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	p.join(client, rest, target)
}

// refuse answers a request whose target cannot be reached.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusBadGateway
	if errors.Is(err, ErrOutside) {
		status = http.StatusForbidden
	}
	http.Error(w, err.Error(), status)
}
