package main

import (
	"bufio"
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
	// ask reads a secret without showing it; nil: nobody can be asked.
	ask func() ([]byte, error)
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
		t.ask = func() ([]byte, error) { return term.ReadPassword(stdin) }
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
	ask := func() ([]byte, error) { return term.ReadPassword(int(in.Fd())) }
	return &terminal{in: bufio.NewReader(in), out: os.Stdout, err: os.Stderr, ask: ask}, true
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
func (t *terminal) secret(question, instead string) ([]byte, error) {
	if t.ask == nil {
		return nil, fmt.Errorf("%s is needed and there is no terminal to ask at: %s", strings.ToLower(question), instead)
	}
	fmt.Fprint(t.err, question+": ")
	value, err := t.ask()
	fmt.Fprintln(t.err)
	return value, err
}

// text asks for something that may be shown.
func (t *terminal) text(question, instead string) (string, error) {
	if t.ask == nil {
		return "", fmt.Errorf("%s is needed and there is no terminal to ask at: %s", strings.ToLower(question), instead)
	}
	fmt.Fprint(t.err, question+": ")
	return t.line()
}

// agree asks a yes-or-no question; anything but yes is no.
func (t *terminal) agree(question string) bool {
	answer, err := t.text(question+" [y/N]", "")
	switch strings.ToLower(answer) {
	case "y", "yes":
		return err == nil
	}
	return false
}

// line reads one line of standard input, without its line end.
func (t *terminal) line() (string, error) {
	line, err := t.in.ReadString('\n')
	if errors.Is(err, io.EOF) && line == "" {
		return "", errors.New("standard input has ended before the line that was to be read from it")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// say writes a line of progress.
func (t *terminal) say(format string, args ...any) { fmt.Fprintf(t.err, format+"\n", args...) }
