package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"muvpn/client/pipe"
	"muvpn/client/reason"
)

// API is the number of the interface that this package speaks.
const API = 1

// Hello is the service's answer to GET /version.
type Hello struct {
	API     int    `json:"api"`
	Program string `json:"program"`
	Version string `json:"version"`
}

// Client is a connection to the service. Its methods may be called from any
// goroutine.
type Client struct {
	http  *http.Client
	hello Hello
}

// Paths lists where the service may listen, the likeliest first: the user's
// own in userspace mode, then the system's.
func Paths() []string {
	if own := pipe.UserPath(); own != "" {
		return []string{own, pipe.SystemPath}
	}
	return []string{pipe.SystemPath}
}

// Dial connects to the service at path, or, when path is empty, to the first
// of Paths that answers, and learns its version. That nobody listens, or that
// we may not connect, is a reason.Reason.
func Dial(ctx context.Context, path string) (*Client, error) {
	if path != "" {
		c, err := dial(ctx, path)
		return c, unreachable(path, err)
	}
	var err error
	for _, path = range Paths() {
		var c *Client
		if c, err = dial(ctx, path); err == nil {
			return c, nil
		}
		if !absent(err) {
			break
		}
	}
	return nil, unreachable(path, err)
}

func dial(ctx context.Context, path string) (*Client, error) {
	open := func(ctx context.Context, _, _ string) (net.Conn, error) { return pipe.Dial(ctx, path) }
	c := &Client{http: &http.Client{Transport: &http.Transport{
		DialContext:     open,
		IdleConnTimeout: 30 * time.Second,
	}}}
	if err := c.get(ctx, "/version", &c.hello); err != nil {
		c.Close()
		return nil, err
	}
	if c.hello.API != API {
		c.Close()
		return nil, fmt.Errorf("the service is %s %s and speaks version %d of the interface, this program version %d: install both from the same release",
			c.hello.Program, c.hello.Version, c.hello.API, API)
	}
	return c, nil
}

// Hello is what the service said of itself.
func (c *Client) Hello() Hello { return c.hello }

// Close gives up the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// absent says that nobody listens there at all.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// unreachable says why the service at path could not be asked.
func unreachable(path string, err error) error {
	r := &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client}
	switch {
	case absent(err):
		r.Seen, r.Expected = "no service listens at "+path, "muvpnd running"
	case errors.Is(err, os.ErrPermission):
		r.Seen, r.Expected = "this user may not open "+path, pipe.Welcome
	default:
		return err
	}
	return r
}
