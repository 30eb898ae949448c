package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Stream is one TCP connection through the tunnel that never rests. Everything
// that comes is compared, octet by octet, with what must come.
type Stream struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when the reading has ended
	err    error         // why, once done is closed

	mu     sync.Mutex
	octets int64
	last   time.Time     // when the last octet came
	silent time.Duration // the longest time without a new one since Mark
}

// StartStream begins to read from the server at so many octets a second, over
// one connection, and compares everything with what must come.
func (l *Lab) StartStream(address string, rate int) (*Stream, error) {
	ctx, cancel := context.WithCancel(context.Background())
	body, err := l.get(ctx, fmt.Sprintf("http://%s/slow?rate=%d", address, rate))
	if err != nil {
		cancel()
		return nil, err
	}
	s := &Stream{cancel: cancel, done: make(chan struct{}), last: time.Now()}
	go s.read(body, repeat(l.Host.payload))
	return s, nil
}

// read compares what comes with what must come, until the end.
func (s *Stream) read(body io.ReadCloser, want io.Reader) {
	defer close(s.done)
	defer body.Close()
	got, expected := make([]byte, 16<<10), make([]byte, 16<<10)
	for s.err == nil {
		var n int
		n, s.err = body.Read(got)
		io.ReadFull(want, expected[:n])
		if !bytes.Equal(got[:n], expected[:n]) {
			s.err = fmt.Errorf("other data after %d octets", s.Octets())
		}
		s.count(n, time.Now())
	}
}

// count notes that n octets have come.
func (s *Stream) count(n int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.octets += int64(n)
	if n > 0 {
		s.silent, s.last = max(s.silent, now.Sub(s.last)), now
	}
}

// Octets is how much the stream has carried so far.
func (s *Stream) Octets() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.octets
}

// Mark begins to measure a gap.
func (s *Stream) Mark() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = 0
}

// Gap is the longest time without a new octet since Mark, or since the last one
// before it.
func (s *Stream) Gap() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.silent, time.Since(s.last))
}

// Stop ends the stream and returns how much it carried; the error says that
// it had broken before.
func (s *Stream) Stop() (octets int64, err error) {
	select {
	case <-s.done:
	default:
		s.cancel()
		<-s.done
		if errors.Is(s.err, context.Canceled) || errors.Is(s.err, net.ErrClosed) {
			return s.Octets(), nil
		}
	}
	if errors.Is(s.err, syscall.ECONNRESET) {
		return s.Octets(), fmt.Errorf("TCP reset after %d octets", s.Octets())
	}
	return s.Octets(), fmt.Errorf("stream broke after %d octets: %w", s.Octets(), s.err)
}
