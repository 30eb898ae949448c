package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
)

// lobby is a listener in memory, so that time can be virtual.
type lobby struct {
	in   chan net.Conn
	once sync.Once
	gone chan struct{}
}

func newLobby() *lobby { return &lobby{in: make(chan net.Conn), gone: make(chan struct{})} }

func (d *lobby) Accept() (net.Conn, error) {
	select {
	case c := <-d.in:
		return c, nil
	case <-d.gone:
		return nil, net.ErrClosed
	}
}
func (d *lobby) Close() error   { d.once.Do(func() { close(d.gone) }); return nil }
func (d *lobby) Addr() net.Addr { return &net.UnixAddr{Name: "lobby", Net: "unix"} }

// visitor is one end of a connection; the other end sees who it is.
type visitor struct {
	net.Conn
	who pipe.Peer
	err error
}

func (g *visitor) Peer() (pipe.Peer, error) { return g.who, g.err }

// come connects as user.
func (d *lobby) come(user string) net.Conn {
	near, far := net.Pipe()
	g := &visitor{Conn: far, who: pipe.Peer{User: user, Groups: []string{"g" + user}}}
	if user == "" {
		g.err = errors.New("no such thing")
	}
	d.in <- g
	return near
}

// fake is a Service that says one status.
type fake struct {
	Service // what a test does not use is nil
	mu      sync.Mutex
	status  client.Status
	changed chan struct{}
	asked   []string
}

func (f *fake) Status() (client.Status, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status, f.changed
}

func (f *fake) say(s client.Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status = s
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fake) Up(_ context.Context, who Caller, u client.Up) (client.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, fmt.Sprint("up ", u.Profile, " by ", who.User))
	return f.status, nil
}

func (f *fake) Import(context.Context, Caller, client.Import) (client.Plan, error) {
	return client.Plan{}, errors.New("no import was to reach the service")
}

var policy = func() pipe.Policy { return pipe.Policy{Root: "0", Self: "990", Users: "g1000"} }

// seat is where user 2000 sits, until they stand up.
type seat struct{ empty atomic.Bool }

func (s *seat) Sits(_ context.Context, user string) (bool, error) {
	return user == "2000" && !s.empty.Load(), nil
}

// serve runs a test against a service in memory, in virtual time.
func serve(t *testing.T, test func(*testing.T, *lobby, *fake)) { serveSeated(t, &seat{}, test) }

func serveSeated(t *testing.T, s pipe.Seats, test func(*testing.T, *lobby, *fake)) {
	synctest.Test(t, func(t *testing.T) {
		d, f := newLobby(), &fake{changed: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- Serve(ctx, d, f, pipe.NewGuard(policy, s)) }()
		test(t, d, f)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve ended with %v", err)
		}
	})
}

// ask sends one request as it stands and returns the answer.
func ask(t *testing.T, c net.Conn, request string) (int, string) {
	t.Helper()
	go io.WriteString(c, request)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Errorf("%.40q: %v", request, err)
		return 0, ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: muvpnd\r\n\r\n" }

func post(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: muvpnd\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

func TestWhoMayUse(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		for user, want := range map[string]int{"0": 200, "990": 200, "1000": 200, "2000": 200, "1001": 403, "": 403} {
			c := d.come(user)
			if got, body := ask(t, c, get("/v1/status")); got != want || want == 403 && !strings.Contains(body, string(reason.NoPrivilege)) {
				t.Errorf("user %q: %d %s, want %d", user, got, body, want)
			}
			c.Close()
		}
	})
}

// Whatever a page could have a browser send, by whatever way it came here.
func TestBrowsersAreRefused(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		for name, head := range map[string]string{
			"an Origin":           "Host: muvpnd\r\nOrigin: http://example.com\r\n",
			"an Origin of nobody": "Host: muvpnd\r\nOrigin: null\r\n",
			"a Referer":           "Host: muvpnd\r\nReferer: http://muvpnd/\r\n",
			"how it was fetched":  "Host: muvpnd\r\nSec-Fetch-Site: none\r\n",
			"a cookie":            "Host: muvpnd\r\nCookie: a=b\r\n",
			"a name of a website": "Host: example.com\r\n",
			"an address":          "Host: 127.0.0.1:8080\r\n",
			"localhost":           "Host: localhost\r\n",
			"a port":              "Host: muvpnd:80\r\n",
			"an empty name":       "Host:\r\n",
		} {
			for _, request := range []string{"GET /v1/status HTTP/1.1\r\n", "POST /v1/up HTTP/1.1\r\nContent-Length: 2\r\n"} {
				c := d.come("0")
				if got, body := ask(t, c, request+head+"\r\n{}"); got != 403 || !strings.Contains(body, string(reason.NoPrivilege)) {
					t.Errorf("%s: %d %s", name, got, body)
				}
				c.Close()
			}
		}
		if len(f.asked) != 0 {
			t.Errorf("the service was asked %q", f.asked)
		}
	})
}

// The proxy's password is for who could administer anyway.
func TestOnlyTheOwnerSeesTheProxy(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		f.say(client.Status{Proxy: &client.Proxy{SOCKS5: "socks5://user:password@127.0.0.1:1080"}})
		for user, want := range map[string]bool{"990": true, "1000": false} {
			for _, request := range []string{get("/v1/status"), post("/v1/up", `{}`)} {
				c := d.come(user)
				if _, body := ask(t, c, request); strings.Contains(body, "password") != want {
					t.Errorf("user %s is told %s", user, body)
				}
				c.Close()
			}
		}
	})
}

func TestCallerReachesTheService(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		c := d.come("1000")
		defer c.Close()
		if got, body := ask(t, c, post("/v1/up", `{"profile":"Office"}`)); got != 200 {
			t.Fatalf("%d %s", got, body)
		}
		if len(f.asked) != 1 || f.asked[0] != "up Office by 1000" {
			t.Errorf("the service was asked %q", f.asked)
		}
	})
}

func TestMalformedRequests(t *testing.T) {
	for name, c := range map[string]struct {
		request string
		want    int
	}{
		"unknown path":         {get("/v2/status"), 400},
		"wrong method":         {get("/v1/up"), 400},
		"no body":              {post("/v1/up", ""), 400},
		"not JSON":             {post("/v1/up", "up"), 400},
		"cut short":            {post("/v1/up", `{"profile":"Off`), 400},
		"an unknown key":       {post("/v1/up", `{"path":"/etc/shadow"}`), 400},
		"two values":           {post("/v1/up", `{}{}`), 400},
		"another type":         {post("/v1/up", `{"profile":1}`), 400},
		"oversized":            {post("/v1/up", `{"profile":"`+strings.Repeat("x", maxRequest)+`"}`), 400},
		"oversized import":     {post("/v1/import", `{"exp":"`+strings.Repeat("x", maxImport)+`"}`), 400},
		"oversized header":     {"GET /v1/status HTTP/1.1\r\nHost: muvpnd\r\nX: " + strings.Repeat("x", 2*maxHeader) + "\r\n\r\n", 431},
		"nonsense log options": {get("/v1/log?lines=-1&follow=no&json=1&redact=1"), 400},
		"not HTTP":             {"\x16\x03\x01\r\n\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, func(t *testing.T, d *lobby, f *fake) {
				conn := d.come("0")
				defer conn.Close()
				if got, body := ask(t, conn, c.request); got != c.want {
					t.Errorf("%d %s, want %d", got, body, c.want)
				}
				if len(f.asked) != 0 {
					t.Errorf("the service was asked %q", f.asked)
				}
			})
		})
	}
}

// Whoever sends nothing, or not all of it, is given up.
func TestSlowClient(t *testing.T) {
	for name, c := range map[string]struct {
		sent   string
		within time.Duration
	}{
		"says nothing":     {"", headerTime},
		"stops in headers": {"GET /v1/status HTTP/1.1\r\nHost:", headerTime},
		"stops in a body":  {"POST /v1/up HTTP/1.1\r\nHost: muvpnd\r\nContent-Length: 100\r\n\r\n{", requestTime},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, func(t *testing.T, d *lobby, f *fake) {
				conn := d.come("0")
				defer conn.Close()
				io.WriteString(conn, c.sent)
				start := time.Now()
				io.Copy(io.Discard, conn)
				if waited := time.Since(start); waited > c.within {
					t.Errorf("it was given up after %v, not within %v", waited, c.within)
				}
				if len(f.asked) != 0 {
					t.Errorf("the service was asked %q", f.asked)
				}
			})
		})
	}
}

// A watcher that takes nothing is given up, and holds up neither the others
// nor the service.
func TestStuckWatcher(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		stuck, good := d.come("1000"), d.come("1000")
		defer stuck.Close()
		defer good.Close()
		io.WriteString(stuck, get("/v1/watch"))
		states := watch(t, good)
		for _, s := range client.States {
			f.say(client.Status{State: s})
			if got := <-states; got.State != s {
				t.Fatalf("the good watcher saw %s, not %s", got.State, s)
			}
		}
		time.Sleep(answerTime)
		synctest.Wait()
		if _, err := io.Copy(io.Discard, stuck); err != nil {
			t.Errorf("the stuck watcher's connection is still open: %v", err)
		}
	})
}

// watch asks for the status stream, takes the first and returns the others.
func watch(t *testing.T, c net.Conn) <-chan client.Status {
	t.Helper()
	io.WriteString(c, get("/v1/watch"))
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	in, states := json.NewDecoder(res.Body), make(chan client.Status)
	if err := in.Decode(new(client.Status)); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(states)
		for {
			var s client.Status
			if in.Decode(&s) != nil {
				return
			}
			states <- s
		}
	}()
	return states
}

func TestManyWatchers(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		var all []<-chan client.Status
		for range 200 {
			c := d.come("1000")
			defer c.Close()
			all = append(all, watch(t, c))
		}
		f.say(client.Status{State: client.Connected})
		for i, states := range all {
			if got := <-states; got.State != client.Connected {
				t.Fatalf("watcher %d saw %s", i, got.State)
			}
		}
	})
}

// Counters are told once a second, and time alone is no news.
func TestWatchTellsCounters(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		c := d.come("1000")
		defer c.Close()
		states := watch(t, c)
		start := time.Now()
		f.mu.Lock()
		f.status.BytesIn = 1000
		f.mu.Unlock()
		if got := <-states; got.BytesIn != 1000 || time.Since(start) > counting {
			t.Errorf("%d octets were told after %v", got.BytesIn, time.Since(start))
		}
		f.mu.Lock()
		f.status.RekeyIn, f.status.IKE, f.status.SAs = 99, &client.IKE{}, []client.ESP{{}}
		f.mu.Unlock()
		<-states // the IKE SA and the child are news
		f.mu.Lock()
		f.status.RekeyIn, f.status.IKE, f.status.SAs = 98, &client.IKE{RekeyIn: 5}, []client.ESP{{RekeyIn: 4}}
		f.mu.Unlock()
		select {
		case got := <-states:
			t.Errorf("time alone was told: %+v", got)
		case <-time.After(10 * counting):
		}
	})
}
