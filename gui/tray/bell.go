package tray

import (
	"context"
	"sync"
)

// ringer gives notifications to the desktop. Each system has its own way.
type ringer interface {
	ring(News)
	close()
}

// bell is a ringer that is made when there is something to tell for the first
// time. It may be rung from any goroutine.
type bell struct {
	ctx  context.Context
	open func() // the window, when a notification was clicked

	mu   sync.Mutex
	made ringer
}

func newBell(ctx context.Context, open func()) *bell { return &bell{ctx: ctx, open: open} }

// ring tells news. A desktop that takes none goes without: the icon and the
// window say the same.
func (b *bell) ring(n News) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.made == nil {
		b.made = newRinger(b.ctx, b.open)
	}
	n.Text = bounded(n.Text)
	b.made.ring(n)
}

func (b *bell) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.made != nil {
		b.made.close()
	}
}

// maxText bounds a notification's text, in characters: gateways have their say in
// it.
const maxText = 400

func bounded(text string) string {
	if r := []rune(text); len(r) > maxText {
		return string(r[:maxText-1]) + "…"
	}
	return text
}
