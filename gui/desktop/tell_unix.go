//go:build unix

package desktop

import (
	"context"
	"os/exec"
	"runtime"
	"time"
)

// Tell shows a sentence to a user who sees no terminal, and waits until it was
// read, for a minute or until the context ends. It needs no OpenGL.
func Tell(ctx context.Context, title, text string) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, c := range tellers(title, text) {
		if program, err := exec.LookPath(c[0]); err == nil {
			begun := time.Now()
			err := exec.CommandContext(ctx, program, c[1:]...).Run()
			if err == nil || time.Since(begun) > time.Second { // it was shown, and closed
				return
			}
		}
	}
}

// tellers are the programs that show a message, the best first. The text is an
// argument and nothing in it is more than text.
func tellers(title, text string) [][]string {
	if runtime.GOOS == "darwin" {
		return [][]string{{"osascript", "-e", "on run argv", "-e",
			"display dialog (item 2 of argv) with title (item 1 of argv) buttons {\"OK\"} default button 1", "-e", "end run", title, text}}
	}
	return [][]string{
		{"zenity", "--error", "--no-markup", "--title", title, "--text", text},
		{"kdialog", "--title", title, "--error", text},
		{"notify-send", "--", title, text},
		{"xmessage", "-center", "-title", title, text},
	}
}
