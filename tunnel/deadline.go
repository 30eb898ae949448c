package tunnel

import (
	"context"
	"os"
	"sync"
	"time"
)

// Deadline is what a Device needs to have reads interrupted by SetReadDeadline,
// as an os.File has. The zero Deadline has no deadline.
type Deadline struct {
	mu     sync.Mutex
	at     time.Time
	closed bool
	ctx    context.Context // ends at the deadline, and whenever that changes
	cancel context.CancelFunc
}

// Context is what a Read may wait on; when it is done, ask again. The error is
// why there must be no waiting: os.ErrDeadlineExceeded or os.ErrClosed.
func (d *Deadline) Context() (context.Context, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return nil, os.ErrClosed
	case !d.at.IsZero() && !time.Now().Before(d.at):
		return nil, os.ErrDeadlineExceeded
	case d.ctx == nil:
		d.renew()
	}
	return d.ctx, nil
}

// SetReadDeadline lets reads end from t on; the zero time takes the deadline
// away.
func (d *Deadline) SetReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return os.ErrClosed
	}
	d.at = t
	d.renew()
	return nil
}

// Close ends all reads for good. It says whether it was the first to do so.
func (d *Deadline) Close() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.closed = true
	if d.cancel != nil {
		d.cancel()
	}
	return true
}

// renew lets those who wait ask again. The caller holds d.mu.
func (d *Deadline) renew() {
	if d.cancel != nil {
		d.cancel()
	}
	if d.at.IsZero() {
		d.ctx, d.cancel = context.WithCancel(context.Background())
		return
	}
	d.ctx, d.cancel = context.WithDeadline(context.Background(), d.at)
}
