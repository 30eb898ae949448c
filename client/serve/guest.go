package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
)

// peered is a connection whose other end the kernel names.
type peered interface{ Peer() (pipe.Peer, error) }

// guest is a connection with a place. Before its first octet is read it is
// decided who is there and whether they may use the service; who may not is
// told so, and nothing that they send is looked at.
type guest struct {
	net.Conn
	door    *door
	who     pipe.Peer
	unnamed error // the system does not say who it is, not yet at least
	crowded bool  // all places for such a one were taken

	first sync.Once
	mu    sync.Mutex // guards what follows
	kind  kind       // of the place that it has
	name  string     // of the user whose place it is
	gone  bool
}

// Read decides once, on the connection's own goroutine, and then reads. Windows
// says who is there only when something was read: there the first octets wait
// for the decision.
func (g *guest) Read(b []byte) (n int, err error) {
	g.first.Do(func() {
		if g.unnamed != nil {
			if n, err = g.Conn.Read(b); err == nil {
				g.who, g.unnamed = g.Conn.(peered).Peer()
			}
		}
		if no := g.refused(); no != nil {
			g.turnAway(io.MultiReader(bytes.NewReader(b[:n]), g.Conn), no)
			n, err = 0, io.EOF
		}
	})
	if n > 0 || err != nil {
		return n, err
	}
	return g.Conn.Read(b)
}

// refused is why the guest is turned away; nil: it may stay, in a place of its
// kind.
func (g *guest) refused() error {
	if !g.crowded {
		rights := g.door.guard.Rights(context.Background(), g.who)
		if g.unnamed != nil || rights < pipe.Use {
			return stranded(g.who, g.unnamed)
		}
		if g.move(kindOf(rights)) {
			return nil
		}
	}
	return &client.Refusal{Kind: client.Busy,
		Text: "too many programs ask the service at once: end some of them, then try again"}
}

// move changes the guest's place for one of another kind.
func (g *guest) move(to kind) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone || to == g.kind {
		return true
	}
	if !g.door.places.take(to, g.who.User) {
		return false
	}
	g.door.places.leave(g.kind, g.name)
	g.kind, g.name = to, g.who.User
	return true
}

// stranded says who may not use the service, and who may.
func stranded(who pipe.Peer, unnamed error) error {
	no := &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client, Expected: pipe.Welcome,
		Seen: "a request by user " + who.User}
	if unnamed != nil {
		no.Seen = "a caller whom the system does not name: " + unnamed.Error()
	}
	return no
}

// turnAway answers whatever is asked with the refusal, once the question is
// out, and hangs up.
func (g *guest) turnAway(question io.Reader, no error) {
	g.SetReadDeadline(time.Now().Add(turnTime))
	skipHead(question)
	g.SetWriteDeadline(time.Now().Add(turnTime))
	status, body := refusalOf(no)
	fmt.Fprintf(g.Conn, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
	g.Close()
}

// skipHead drops the head of a request, so that its sender, who reads when all
// is written, gets to read.
func skipHead(in io.Reader) {
	var tail []byte
	buf := make([]byte, 1024)
	for total := 0; total < maxHeader; {
		n, err := in.Read(buf)
		if tail = append(tail, buf[:n]...); err != nil || bytes.Contains(tail, []byte("\r\n\r\n")) {
			return
		}
		tail = tail[max(0, len(tail)-3):]
		total += n
	}
}

// Close gives the place back.
func (g *guest) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.gone {
		g.gone = true
		g.door.places.leave(g.kind, g.name)
	}
	return g.Conn.Close()
}

// Peer is the kernel's word on the connection inside.
func (g *guest) Peer() (pipe.Peer, error) { return g.who, g.unnamed }
