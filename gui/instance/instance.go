package instance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"sync"
	"syscall"
	"time"

	"muvpn/client/pipe"
)

// Place is one of the programs of which a session has one.
type Place string

// The places.
const (
	Window Place = "window"
	Tray   Place = "tray"
)

// ErrNobody says that the place is empty.
var ErrNobody = errors.New("no such program runs in this session")

// The bounds of a conversation.
const (
	patience = 5 * time.Second // for a message and its answer
	tries    = 5               // to enter or to be heard, while others come and go
	visitors = 8               // at a time
)

// taken is the answer to a message.
const taken = "taken\n"

// Enter takes a place, or hands m to the program that has it: then the Door is
// nil. Of several that enter at once exactly one gets the Door.
func Enter(ctx context.Context, p Place, m Message) (*Door, error) {
	var shut error
	for range tries {
		err := Tell(ctx, p, m)
		if !errors.Is(err, ErrNobody) {
			return nil, err
		}
		var l *pipe.Listener
		if l, shut = pipe.Listen(path(p)); shut == nil {
			return &Door{l: l, self: pipe.LocalPolicy().Self}, nil
		}
		select { // somebody else was faster, or is just leaving
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil, shut
}

// Tell hands m to the program at a place. It is ErrNobody if there is none.
func Tell(ctx context.Context, p Place, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := pipe.Dial(ctx, path(p))
	if err != nil {
		if absent(err) {
			return ErrNobody
		}
		return err
	}
	defer c.Close()
	if until, ok := ctx.Deadline(); ok {
		c.SetDeadline(until)
	}
	if err := m.write(c); err != nil {
		return gone(err)
	}
	answer, err := io.ReadAll(io.LimitReader(c, 1024))
	if string(answer) == taken {
		return nil
	}
	return gone(err)
}

// Runs says that there is a program at a place.
func Runs(ctx context.Context, p Place) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := pipe.Dial(ctx, path(p))
	if err == nil {
		c.Close()
	}
	return err == nil
}

// absent says that nobody listens there.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// gone says what it means that there was no answer: a program that has just ended
// is none, one that keeps silent is in the way.
func gone(err error) error {
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return fmt.Errorf("muvpn-gui runs already and does not answer: end it and try again (%w)", err)
	}
	return ErrNobody
}

// Door is a place that this program has.
type Door struct {
	l    *pipe.Listener
	self string
}

// Close gives the place up.
func (d *Door) Close() error { return d.l.Close() }

// Serve calls take with each message of this user's programs until the door is
// closed, from a goroutine of its own each time.
func (d *Door) Serve(take func(Message)) {
	seats := make(chan struct{}, visitors)
	var inside sync.WaitGroup
	defer inside.Wait()
	for {
		c, err := d.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many files, say: it passes
			time.Sleep(50 * time.Millisecond)
			continue
		}
		seats <- struct{}{}
		inside.Go(func() {
			defer func() { <-seats }()
			if m, err := d.hear(c); err == nil {
				take(m)
			}
		})
	}
}

// hear takes a message and answers. The kernel says who sent it, on Windows only
// after something was read.
func (d *Door) hear(c net.Conn) (Message, error) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	m, err := read(c)
	if err != nil {
		return m, err
	}
	who, err := c.(*pipe.Conn).Peer()
	if err != nil {
		return m, err
	}
	if who.User != d.self {
		return m, fmt.Errorf("%v is not this user", who)
	}
	_, err = io.WriteString(c, taken)
	return m, err
}
