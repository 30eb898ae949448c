package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// terminal is where the user sits: standard input, output and error.
type terminal struct {
	in       *bufio.Reader
	out, err io.Writer
	// ask reads a secret without showing it, unless ctx ends first; nil: nobody can
	// be asked.
	ask func(ctx context.Context) ([]byte, error)
	// colours says that standard output shows colours; live, that standard
	// error is a screen that somebody watches.
	colours, live bool
	// width is how many characters a line of that screen has; nil: unknown.
	width func() int
	// console opens the terminal itself, where standard input is another thing;
	// nil, or false: there is none.
	console func() (*terminal, bool)
}

func newTerminal() *terminal {
	t := &terminal{in: bufio.NewReader(os.Stdin), out: os.Stdout, err: os.Stderr}
	t.live = term.IsTerminal(int(os.Stderr.Fd()))
	t.width = func() int {
		if width, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && width > 0 {
			return width
		}
		return usualWidth
	}
	t.colours = term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == ""
	if stdin := int(os.Stdin.Fd()); term.IsTerminal(stdin) && t.live {
		t.ask = func(ctx context.Context) ([]byte, error) { return readHidden(ctx, stdin) }
	}
	t.console = openConsole
	return t
}

// openConsole is the terminal that the program runs in, whatever its standard
// input is. It is closed with the program.
func openConsole() (*terminal, bool) {
	name := "/dev/tty"
	if runtime.GOOS == "windows" {
		name = "CONIN$"
	}
	in, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil || !term.IsTerminal(int(in.Fd())) {
		return nil, false
	}
	ask := func(ctx context.Context) ([]byte, error) { return readHidden(ctx, int(in.Fd())) }
	return &terminal{in: bufio.NewReader(in), out: os.Stdout, err: os.Stderr, ask: ask}, true
}

// readHidden reads a line with the echo off, and leaves the terminal as it was, also
// if ctx ends first.
func readHidden(ctx context.Context, fd int) ([]byte, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	line, err := awaited(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		term.Restore(fd, before)
	}
	return line, err
}

// awaited is what read returns, unless ctx ends first. Then read goes on alone until
// the program ends, which is soon: nothing can wake whoever waits for a keyboard.
func awaited[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	if ctx.Err() == nil {
		go func() {
			value, err := read()
			done <- result{value, err}
		}()
	}
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// beside is a terminal whose questions do not read standard input, from which
// something else was read. Where there is none, nobody can be asked.
func (t *terminal) beside() *terminal {
	if t.ask != nil {
		return t // standard input is the terminal
	}
	if t.console != nil {
		if c, ok := t.console(); ok {
			t.console = func() (*terminal, bool) { return c, true }
			return c
		}
	}
	return t
}

// secret asks for a secret that is not shown. instead says what to do when
// nobody can be asked.
func (t *terminal) secret(ctx context.Context, question, instead string) ([]byte, error) {
	if t.ask == nil {
		return nil, fmt.Errorf("%s is needed and there is no terminal to ask at: %s", strings.ToLower(question), instead)
	}
	fmt.Fprint(t.err, question+": ")
	value, err := t.ask(ctx)
	fmt.Fprintln(t.err)
	return value, err
}

// text asks for something that may be shown.
func (t *terminal) text(ctx context.Context, question, instead string) (string, error) {
	if t.ask == nil {
		return "", fmt.Errorf("%s is needed and there is no terminal to ask at: %s", strings.ToLower(question), instead)
	}
	fmt.Fprint(t.err, question+": ")
	line, err := t.line(ctx)
	if ctx.Err() != nil {
		fmt.Fprintln(t.err)
	}
	return line, err
}

// agree asks a yes-or-no question; anything but yes is no.
func (t *terminal) agree(ctx context.Context, question string) bool {
	answer, err := t.text(ctx, question+" [y/N]", "")
	switch strings.ToLower(answer) {
	case "y", "yes":
		return err == nil
	}
	return false
}

// line reads one line of standard input, without its line end.
func (t *terminal) line(ctx context.Context) (string, error) {
	line, err := awaited(ctx, func() (string, error) { return t.in.ReadString('\n') })
	if errors.Is(err, io.EOF) && line == "" {
		return "", errors.New("standard input has ended before the line that was to be read from it")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// say writes a line of progress.
func (t *terminal) say(format string, args ...any) { fmt.Fprintf(t.err, format+"\n", args...) }
