package client_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/client/reason"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dial connects to a fake service.
func dial(t *testing.T) (*clienttest.Service, *client.Client) {
	t.Helper()
	s := clienttest.Start(t)
	c, err := client.Dial(t.Context(), s.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return s, c
}

func TestHelloComesFirst(t *testing.T) {
	_, c := dial(t)
	if h := c.Hello(); h.API != client.API || h.Program != "muvpnd" || h.Version == "" {
		t.Errorf("the service says %+v", h)
	}
}

func TestNobodyListens(t *testing.T) {
	_, err := client.Dial(t.Context(), filepath.Join(t.TempDir(), "none.sock"))
	var r *reason.Reason
	if !errors.As(err, &r) || r.Code != reason.NoPrivilege || !strings.Contains(r.Seen, "no service listens") {
		t.Errorf("dialling nobody: %v", err)
	}
}

// Without a path the user's own service comes first, and a dead one is passed
// over.
func TestDialFindsTheService(t *testing.T) {
	s := clienttest.Start(t)
	home := filepath.Dir(s.Path)
	if err := os.Mkdir(filepath.Join(home, "muvpn"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(s.Path, filepath.Join(home, "muvpn", "muvpnd.sock")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", home)
	c, err := client.Dial(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestVerbsCarryTheirStructs(t *testing.T) {
	s, c := dial(t)
	s.Stored = []client.Profile{{Name: "Office", UUID: "u", Serial: 3, Last: true}}
	s.TOML = "name = 'Office'\n"
	s.Plan = client.Plan{Name: "Office", Needs: []client.Consent{client.ConsentNew}}
	ctx := t.Context()

	list, err := c.Profiles(ctx)
	if err != nil || !cmp.Equal(list, s.Stored) {
		t.Errorf("Profiles: %v, %v", list, err)
	}
	text, err := c.Show(ctx, "Office / home")
	if err != nil || text != s.TOML {
		t.Errorf("Show: %q, %v", text, err)
	}
	imp := client.Import{EXP: []byte("file"), Key: make([]byte, 32), DryRun: true}
	plan, err := c.Import(ctx, imp)
	if err != nil || plan.Stored || plan.Name != "Office" {
		t.Errorf("Import: %+v, %v", plan, err)
	}
	up := client.Up{Profile: "Office", User: "lisa", Password: []byte("p")}
	if _, err := c.Up(ctx, up); err != nil {
		t.Errorf("Up: %v", err)
	}
	answer := client.Answer{ID: 7, Value: []byte("yes")}
	if err := c.Answer(ctx, answer); err != nil {
		t.Errorf("Answer: %v", err)
	}
	if _, err := c.Down(ctx); err != nil {
		t.Errorf("Down: %v", err)
	}
	if err := c.Remove(ctx, "Office"); err != nil {
		t.Errorf("Remove: %v", err)
	}
	want := []any{"show Office / home", imp, up, answer, "down", "remove Office"}
	if diff := cmp.Diff(want, s.Asked()); diff != "" {
		t.Error(diff)
	}
}

// A Reason and a Refusal arrive as what they are; anything else as a fault.
func TestErrorsTravel(t *testing.T) {
	s, c := dial(t)
	why := &reason.Reason{Code: reason.PSKWrong, Side: reason.Gateway, Seen: "HASH_R wrong", Expected: "the same key"}
	s.Fail("up", why)
	_, err := c.Up(t.Context(), client.Up{})
	var r *reason.Reason
	if !errors.As(err, &r) || *r != *why {
		t.Errorf("a Reason arrived as %v", err)
	}
	s.Fail("up", &client.Refusal{Kind: client.NoProfile, Text: "there is none"})
	_, err = c.Up(t.Context(), client.Up{})
	var no *client.Refusal
	if !errors.As(err, &no) || no.Kind != client.NoProfile || err.Error() != "there is none" {
		t.Errorf("a Refusal arrived as %v", err)
	}
	s.Fail("up", errors.New("disk full"))
	_, err = c.Up(t.Context(), client.Up{})
	if !errors.As(err, &r) || r.Code != reason.Internal || r.Seen != "disk full" {
		t.Errorf("a fault arrived as %v", err)
	}
}

func TestWatchTellsTheLatest(t *testing.T) {
	s, c := dial(t)
	var seen []client.State
	for now, err := range c.Watch(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if seen = append(seen, now.State); len(seen) == 1 {
			for _, next := range client.States { // faster than anybody looks
				s.Say(client.Status{State: next})
			}
		}
		if now.State == client.Failed {
			break
		}
	}
	if seen[0] != client.Disconnected || len(seen) < 2 {
		t.Errorf("saw %v", seen)
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	_, c := dial(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for _, err := range c.Watch(ctx) {
		if err != nil {
			t.Errorf("the end of the context came as %v", err)
		}
	}
}

func TestWatchTellsThatTheServiceEnds(t *testing.T) {
	var last error
	ended := make(chan struct{})
	t.Run("service", func(t *testing.T) {
		s := clienttest.Start(t)
		c, err := client.Dial(context.Background(), s.Path)
		if err != nil {
			t.Fatal(err)
		}
		first := make(chan struct{})
		go func() {
			defer close(ended)
			defer c.Close()
			for _, err := range c.Watch(context.Background()) {
				if last = err; err == nil {
					close(first)
				}
			}
		}()
		<-first
	})
	<-ended
	if last == nil || !strings.Contains(last.Error(), "ended") {
		t.Errorf("the last error is %v", last)
	}
}

func TestLogIsFollowed(t *testing.T) {
	s, c := dial(t)
	s.Write("one")
	ctx, cancel := context.WithCancel(t.Context())
	log, err := c.Log(ctx, client.LogOptions{Follow: true, Redact: true, Lines: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	b := make([]byte, 4)
	if _, err := io.ReadFull(log, b); err != nil || string(b) != "one\n" {
		t.Fatalf("%q, %v", b, err)
	}
	s.Write("two")
	if _, err := io.ReadFull(log, b); err != nil || string(b) != "two\n" {
		t.Fatalf("%q, %v", b, err)
	}
	cancel()
	if _, err := log.Read(b); err == nil {
		t.Error("the log goes on after its context")
	}
	want := []any{client.LogOptions{Follow: true, Redact: true, Lines: 20}}
	if diff := cmp.Diff(want, s.Asked()); diff != "" {
		t.Error(diff)
	}
}

func TestFailureGoesInAndOut(t *testing.T) {
	r := &reason.Reason{Code: reason.NoReply, Side: reason.Network, Seen: "nothing", Expected: "something"}
	var s client.Status
	if s.Failure() != nil {
		t.Error("an empty status has a failure")
	}
	s.SetFailure(r)
	if got := s.Failure(); *got != *r {
		t.Errorf("got %v", got)
	}
	s.SetFailure(nil)
	if s.Failure() != nil {
		t.Error("the failure stays")
	}
}

func TestWeaker(t *testing.T) {
	for _, c := range []struct{ a, b, want client.Strength }{
		{client.Strong, client.Broken, client.Broken},
		{client.Broken, client.Strong, client.Broken},
		{client.Aging, client.Strong, client.Aging},
		{client.Aging, "", client.Aging},
		{"", client.Aging, client.Aging},
		{"", "", ""},
	} {
		if got := client.Weaker(c.a, c.b); got != c.want {
			t.Errorf("Weaker(%q, %q) is %q, want %q", c.a, c.b, got, c.want)
		}
	}
}
