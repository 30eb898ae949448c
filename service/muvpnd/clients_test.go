package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
)

// A body that is too large, and a client that is too slow, end nobody else's
// session.
func TestOversizedAndSlowClients(t *testing.T) {
	t.Parallel()
	r := start(t, t.TempDir())
	raw := func(text string) (*http.Response, error) {
		c, err := pipe.Dial(t.Context(), r.d.socket)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(2 * time.Minute))
		go io.WriteString(c, text)
		return http.ReadResponse(bufio.NewReader(c), nil)
	}
	big := strings.Repeat("x", 5<<20)
	for name, text := range map[string]string{
		"a large body":        fmt.Sprintf("POST /v1/up HTTP/1.1\r\nHost: muvpnd\r\nContent-Length: %d\r\n\r\n{\"profile\":\"%s", len(big), big),
		"a large import":      fmt.Sprintf("POST /v1/import HTTP/1.1\r\nHost: muvpnd\r\nContent-Length: %d\r\n\r\n{\"exp\":\"%s", len(big), big),
		"a body without end":  "POST /v1/up HTTP/1.1\r\nHost: muvpnd\r\nTransfer-Encoding: chunked\r\n\r\n400000\r\n{\"profile\":\"" + big,
		"a head without end":  "GET /v1/status HTTP/1.1\r\nHost: muvpnd\r\nX: " + big,
		"a body that is slow": "POST /v1/up HTTP/1.1\r\nHost: muvpnd\r\nContent-Length: 100\r\n\r\n{",
		"a head that is slow": "GET /v1/status HTTP/1.1\r\nHost:",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if res, err := raw(text); err == nil && res.StatusCode < 400 {
				t.Errorf("answered %s", res.Status)
			}
			if now, err := r.Status(t.Context()); err != nil || now.State != client.Disconnected {
				t.Errorf("the service says %+v, %v", now, err)
			}
		})
	}
}
