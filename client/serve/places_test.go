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
	"testing"
	"testing/synctest"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
)

// crowd has n connections of a user watch, and counts those that may.
func crowd(t *testing.T, d *lobby, user string, n int) (in int, all []net.Conn) {
	t.Helper()
	for range n {
		c := d.come(user)
		t.Cleanup(func() { c.Close() })
		io.WriteString(c, get("/v1/watch"))
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			continue // hung up on
		}
		if res.StatusCode == 200 {
			in++
			all = append(all, c)
			if err := json.NewDecoder(res.Body).Decode(new(client.Status)); err != nil {
				t.Error(err)
			}
		} else if b, _ := io.ReadAll(res.Body); res.StatusCode != 409 || !strings.Contains(string(b), `"busy"`) {
			t.Errorf("%d %s", res.StatusCode, b)
		}
	}
	return in, all
}

// A thousand watchers of one user shut out neither another user nor root, and
// give their places back.
func TestOneUserDoesNotTakeAllPlaces(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		in, watchers := crowd(t, d, "1000", 1000)
		if in != maxOneUser {
			t.Errorf("%d of one user's 1000 watchers are in, not %d", in, maxOneUser)
		}
		for _, user := range []string{"0", "990", "2000"} {
			c := d.come(user)
			if got, body := ask(t, c, get("/v1/status")); got != 200 {
				t.Errorf("user %s: %d %s", user, got, body)
			}
			c.Close()
		}
		watchers[0].Close()
		synctest.Wait()
		f.say(client.Status{State: client.Connected}) // it is noticed when something is said
		synctest.Wait()
		if in, _ := crowd(t, d, "1000", 2); in != 1 {
			t.Errorf("%d came in where one place was free", in)
		}
	})
}

// Not all users together take the places of administrators.
func TestAdministratorsHavePlaces(t *testing.T) {
	var p places
	in := 0
	for i := range 2000 {
		if p.take(user, fmt.Sprint(i%100)) {
			in++
		}
	}
	if in != maxUsers || !p.take(administrator, "0") || p.take(user, "fresh") {
		t.Errorf("%d users are in", in)
	}
	p.leave(user, "1")
	if !p.take(user, "fresh") {
		t.Error("a place that was given back is taken")
	}
	if p.leave(user, "fresh"); p.one[user]["fresh"] != 0 || len(p.one[user]) != 100 {
		t.Error("a user who has left is still remembered")
	}
}

// Strangers are told so before anything of theirs is read as a request, in
// bounded time and number.
func TestStrangersAreTurnedAway(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		c := d.come("1001")
		if got, body := ask(t, c, "no request at all\r\n\r\n"); got != 403 || !strings.Contains(body, pipe.Welcome) {
			t.Errorf("%d %s", got, body)
		}
		start := time.Now()
		var silent []net.Conn
		for range maxOneStranger + 1 {
			silent = append(silent, d.come("1001"))
		}
		if _, err := io.Copy(io.Discard, silent[maxOneStranger]); err != nil || time.Since(start) != 0 {
			t.Errorf("one too many is heard for %v: %v", time.Since(start), err)
		}
		io.Copy(io.Discard, silent[0])
		if waited := time.Since(start); waited > 2*turnTime {
			t.Errorf("a silent stranger is hung up on after %v", waited)
		}
		c = d.come("1001")
		go io.Copy(c, strings.NewReader(strings.Repeat("x", 10*maxHeader)))
		if b, _ := io.ReadAll(c); !strings.Contains(string(b), "403") || time.Since(start) > 2*turnTime {
			t.Errorf("an endless head is answered by %q after %v", b, time.Since(start))
		}
	})
}

// dumb is a question to seats that hangs until its bound.
type dumb struct{}

func (dumb) Sits(ctx context.Context, _ string) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

// While it is asked who sits here, whoever the kernel knows is served at once.
func TestHangingSeatsHoldUpNobody(t *testing.T) {
	serveSeated(t, dumb{}, func(t *testing.T, d *lobby, f *fake) {
		for i := range maxStrangers {
			c := d.come(fmt.Sprint("30", i))
			defer c.Close()
			go io.WriteString(c, get("/v1/status"))
		}
		synctest.Wait()
		start := time.Now()
		for _, user := range []string{"0", "1000"} {
			c := d.come(user)
			if got, _ := ask(t, c, get("/v1/status")); got != 200 || time.Since(start) != 0 {
				t.Errorf("user %s: %d after %v", user, got, time.Since(start))
			}
			c.Close()
		}
	})
}

// Who stands up is not told any more, in a connection that lasts.
func TestWhoStandsUpIsNotTold(t *testing.T) {
	s := &seat{}
	serveSeated(t, s, func(t *testing.T, d *lobby, f *fake) {
		c, kept := d.come("2000"), d.come("2000")
		defer c.Close()
		defer kept.Close()
		states := watch(t, c)
		if got, _ := ask(t, kept, get("/v1/status")); got != 200 {
			t.Fatalf("status %d", got)
		}
		s.empty.Store(true)
		time.Sleep(rightsTime)
		if got, _ := ask(t, kept, get("/v1/status")); got != 403 {
			t.Errorf("a connection from before still gets %d", got)
		}
		f.say(client.Status{State: client.Connected})
		if got, told := <-states; told {
			t.Errorf("a watcher from before is told %+v", got)
		}
	})
}

// late is a connection whose other end the system names only when something
// was read, as on Windows.
type late struct {
	net.Conn
	who  string
	read bool
}

func (l *late) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	l.read = true
	return n, err
}

func (l *late) Peer() (pipe.Peer, error) {
	if !l.read {
		return pipe.Peer{}, errors.New("nothing was read yet")
	}
	return pipe.Peer{User: l.who}, nil
}

func TestNamedOnlyAfterTheFirstOctets(t *testing.T) {
	serve(t, func(t *testing.T, d *lobby, f *fake) {
		for user, want := range map[string]int{"0": 200, "1001": 403} {
			near, far := net.Pipe()
			d.in <- &late{Conn: far, who: user}
			if got, body := ask(t, near, get("/v1/status")); got != want {
				t.Errorf("user %s: %d %s", user, got, body)
			}
			near.Close()
		}
	})
}
