package tray

import (
	"context"
	"os/exec"
	"time"
)

// script rings by AppleScript. It was never tried on a Mac.
type script struct{ ctx context.Context }

func newRinger(ctx context.Context, _ func()) ringer { return script{ctx} }

// ring gives the texts as arguments: nothing in them is script.
func (s script) ring(n News) {
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	exec.CommandContext(ctx, "/usr/bin/osascript", "-e", "on run argv", "-e",
		"display notification (item 2 of argv) with title (item 1 of argv)", "-e", "end run", n.Title, n.Text).Run()
}

func (script) close() {}
