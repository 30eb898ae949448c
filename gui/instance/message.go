package instance

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Verb is what a running program is asked for.
type Verb string

// The verbs.
const (
	Raise Verb = "raise" // come to the front
	Open  Verb = "open"  // come to the front with a file
	Quit  Verb = "quit"
	Meet  Verb = "meet" // nothing: the second one only goes
)

// Message is what one program of the session tells another.
type Message struct {
	Verb Verb   `json:"verb"`
	File string `json:"file,omitempty"` // for Open: an absolute path
}

// maxMessage bounds a message, in octets; the longest path takes a quarter.
const maxMessage = 16 << 10

// Opening is the message of a program that was started with a file; empty: with
// none.
func Opening(file string) (Message, error) {
	if file == "" {
		return Message{Verb: Raise}, nil
	}
	path, err := filepath.Abs(file)
	return Message{Verb: Open, File: path}, err
}

// check refuses what no program of ours says.
func (m Message) check() error {
	switch {
	case m.Verb == Open && filepath.IsAbs(m.File) && !strings.ContainsRune(m.File, 0):
		return nil
	case (m.Verb == Raise || m.Verb == Quit || m.Verb == Meet) && m.File == "":
		return nil
	}
	return fmt.Errorf("not a message: %q with the file %q", m.Verb, m.File)
}

// write sends a message as one line of JSON.
func (m Message) write(w io.Writer) error {
	b, err := json.Marshal(m)
	if err == nil && len(b) >= maxMessage {
		err = errors.New("the file's path is too long")
	}
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}

// read takes one line.
func read(r io.Reader) (m Message, err error) {
	line, err := bufio.NewReaderSize(io.LimitReader(r, maxMessage), maxMessage).ReadSlice('\n')
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, err
	}
	return m, m.check()
}
