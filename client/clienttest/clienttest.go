package clienttest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/serve"
)

// Service is a fake service. What it says is set by the test; what it was
// asked is in Asked.
type Service struct {
	// Path is where it listens.
	Path string
	// Stored, TOML, Plan, Kept and Found are what Profiles, Show, Import,
	// Settings and Diagnose answer. Set them before the first request.
	Stored []client.Profile
	TOML   string
	Plan   client.Plan
	Kept   []client.Setting
	Found  client.Diagnosis

	mu      sync.Mutex
	status  client.Status
	changed chan struct{} // closed when status or lines have changed
	script  map[string][]client.Status
	faults  map[string]error
	asked   []any
	lines   []string
}

// Start answers on a socket of its own until the test has ended.
func Start(t testing.TB) *Service {
	t.Helper()
	dir, err := os.MkdirTemp("", "muvpn") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{
		Path:    filepath.Join(dir, "muvpnd.sock"),
		status:  client.Status{State: client.Disconnected},
		changed: make(chan struct{}),
		script:  map[string][]client.Status{},
		faults:  map[string]error{},
	}
	l, err := pipe.Listen(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve.Serve(ctx, l, s, pipe.LocalGuard())
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		os.RemoveAll(dir)
	})
	return s
}

// Say makes now the status, and tells those who watch.
func (s *Service) Say(now client.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = now
	s.signal()
}

// Write adds a line to the log.
func (s *Service) Write(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line+"\n")
	s.signal()
}

// signal wakes those who watch. The caller holds s.mu.
func (s *Service) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// On has a verb ("up", "down" or "answer") go through these statuses at once;
// who watches sees the last of them for certain.
func (s *Service) On(verb string, steps ...client.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script[verb] = steps
}

// Fail has a verb end in err; nil: no more.
func (s *Service) Fail(verb string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[verb] = err
}

// Asked lists what it was asked, in order: the structs that came with Import,
// Up, Answer, Set, Diagnose and Log, and "show NAME", "remove NAME", "down".
func (s *Service) Asked() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// ask notes a request, plays the verb's script, and returns its fault.
func (s *Service) ask(verb string, what any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if what != nil {
		s.asked = append(s.asked, what)
	}
	if err := s.faults[verb]; err != nil {
		return err
	}
	for _, now := range s.script[verb] {
		s.status = now
		s.signal()
	}
	return nil
}
