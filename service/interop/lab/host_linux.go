package lab

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// PayloadSize is how many octets every transfer carries: 50 MB, or, where many
// scenarios differ only in how they begin, 5 MB.
const (
	PayloadSize      = 50_000_000
	SmallPayloadSize = 5_000_000
)

// page is what a person would fetch first.
const page = "<!DOCTYPE html><title>Intranet</title><p>The office network.\n"

// Host is the one computer in the LAN. On each of its addresses it serves the
// same HTTP on a port that is another in every run:
//
//	GET  /           a page
//	GET  /payload    random data
//	GET  /slow       the same, at ?rate= octets a second, without end
//	POST /payload    answers with the SHA-256 of what it got
//
// On TrustedHost it is the LAN's name server too.
type Host struct {
	payload []byte
	digest  string
	port    uint16
	servers []*http.Server
	names   *NameServer
}

// newHost starts the servers in the LAN's namespace.
func newHost(lan *Namespace) (*Host, error) {
	h := &Host{payload: make([]byte, PayloadSize)}
	if _, err := rand.Read(h.payload); err != nil {
		return nil, err
	}
	h.digest = digest(h.payload)
	for _, addr := range []netip.Addr{TrustedHost, OptionalHost} {
		if err := h.serve(lan, addr); err != nil {
			h.Close()
			return nil, err
		}
	}
	h.names = newNameServer(Intranet, TrustedHost)
	if err := h.names.listen(lan, TrustedHost); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// CarryLess makes the payload small. It must come before the first transfer.
func (h *Host) CarryLess() {
	h.payload = h.payload[:SmallPayloadSize]
	h.digest = digest(h.payload)
}

// Payload is how many octets a transfer carries.
func (h *Host) Payload() uint64 { return uint64(len(h.payload)) }

// serve starts one server; the first finds a free port, the others take it.
func (h *Host) serve(lan *Namespace, addr netip.Addr) error {
	listener, err := lan.Listen("tcp", netip.AddrPortFrom(addr, h.port).String())
	if err != nil {
		return err
	}
	h.port = uint16(listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: h.routes()}
	h.servers = append(h.servers, server)
	go server.Serve(listener)
	return nil
}

// Close stops the servers.
func (h *Host) Close() {
	for _, server := range h.servers {
		server.Close()
	}
	if h.names != nil {
		h.names.Close()
	}
}

// Address is the server's address and port on one of the host's addresses.
func (h *Host) Address(addr netip.Addr) string {
	return netip.AddrPortFrom(addr, h.port).String()
}

func (h *Host) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, page) })
	mux.HandleFunc("GET /payload", h.send)
	mux.HandleFunc("POST /payload", h.receive)
	mux.HandleFunc("GET /slow", h.sendSlowly)
	return mux
}

// send sends the payload.
func (h *Host) send(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", strconv.Itoa(len(h.payload)))
	w.Write(h.payload)
}

// receive answers with the digest of what it gets.
func (h *Host) receive(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	if _, err := io.Copy(sum, r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprint(w, hex.EncodeToString(sum.Sum(nil)))
}

// sendSlowly sends the payload again and again, a twentieth of the rate every
// 50 ms, until the other side has enough.
func (h *Host) sendSlowly(w http.ResponseWriter, r *http.Request) {
	rate, err := strconv.Atoi(r.FormValue("rate"))
	if err != nil || rate <= 0 {
		http.Error(w, "rate?", http.StatusBadRequest)
		return
	}
	source := repeat(h.payload)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := io.CopyN(w, source, int64(rate/20)); err != nil {
			return
		}
		w.(http.Flusher).Flush()
	}
}

// digest is the SHA-256 of data in hexadecimal.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// repeat reads data again and again.
func repeat(data []byte) io.Reader { return &repeater{data: data} }

type repeater struct {
	data []byte
	rest bytes.Reader
}

// Read implements io.Reader.
func (r *repeater) Read(p []byte) (int, error) {
	if r.rest.Len() == 0 {
		r.rest.Reset(r.data)
	}
	return r.rest.Read(p)
}
