package gui

import (
	"bufio"
	"context"
	"errors"
	"sync"
	"time"

	"muvpn/client"
)

// maxLogLine is what is read of one line of the log at most, in octets.
const maxLogLine = 1 << 20

// inbox is where the reader of the log leaves lines for its window. While the
// window is busy they gather here, so that a flood of lines is painted in few
// steps.
type inbox struct {
	mu    sync.Mutex
	lines []logLine
	anew  bool // the log begins anew: what the window holds is out of date
	told  bool // the window is going to take them
}

// put adds a line, and says whether the window must be told.
func (b *inbox) put(l logLine) (tell bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = keep(b.lines, []logLine{l}, maxLines)
	tell, b.told = !b.told, true
	return tell
}

// restart forgets what is there.
func (b *inbox) restart() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines, b.anew = nil, true
}

// take empties the inbox.
func (b *inbox) take() (lines []logLine, anew bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines, anew = b.lines, b.anew
	b.lines, b.anew, b.told = nil, false, false
	return lines, anew
}

// follow reads the log until the context ends, and begins anew when the service
// does.
func (l *logWindow) follow(ctx context.Context, path string, redact bool) {
	go func() {
		box := &inbox{}
		for ctx.Err() == nil {
			err := l.read(ctx, path, redact, box)
			l.main.post(func() {
				if ctx.Err() == nil {
					l.lost(err)
				}
			})
			select {
			case <-time.After(again):
			case <-ctx.Done():
			}
		}
	}()
}

// read reads the log from one connection to the service.
func (l *logWindow) read(ctx context.Context, path string, redact bool, box *inbox) error {
	c, err := client.Dial(ctx, path)
	if err != nil {
		return err
	}
	defer c.Close()
	log, err := c.Log(ctx, client.LogOptions{Lines: maxLines, Follow: true, JSON: true, Redact: redact})
	if err != nil {
		return err
	}
	defer log.Close()
	box.restart()
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, maxLogLine)
	for lines.Scan() {
		if box.put(lineOf(lines.Text())) {
			l.main.post(func() {
				if ctx.Err() == nil {
					l.take(box.take())
				}
			})
		}
	}
	if lines.Err() != nil {
		return lines.Err()
	}
	return errors.New("the service has ended")
}
