package logbook

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/DeRuina/timberjack"
	"github.com/sirupsen/logrus"
)

// The files stay under 10 MiB in all: of each form the current one, three
// older ones, and for a moment one that is being removed.
const (
	maxFileMiB = 1
	oldFiles   = 3
)

// recentLines is how far a follower may fall behind.
const recentLines = 1024

// The names of the current files.
const (
	textName = "muvpn.log"
	jsonName = "muvpn.jsonl"
)

// Book is the log.
type Book struct {
	dir        string
	log        *logrus.Logger
	text, json *timberjack.Logger

	mu      sync.Mutex
	lines   int           // written since Open
	recent  [][]byte      // the last of them as JSON, a ring
	changed chan struct{} // closed by the next line
	head    [][]byte      // the lines that begin every log
	words   []Word        // everything private that was named since Open
}

// Open opens the log in dir, which it makes if need be, for its owner only.
func Open(dir string) (*Book, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	b := &Book{
		dir:     dir,
		text:    rotated(filepath.Join(dir, textName)),
		json:    rotated(filepath.Join(dir, jsonName)),
		recent:  make([][]byte, recentLines),
		changed: make(chan struct{}),
	}
	b.log = &logrus.Logger{Out: b.text, Formatter: textForm{}, Hooks: logrus.LevelHooks{}, Level: logrus.DebugLevel}
	b.log.AddHook((*jsonHook)(b))
	return b, nil
}

// rotated is one file with its older ones.
func rotated(name string) *timberjack.Logger {
	return &timberjack.Logger{Filename: name, MaxSize: maxFileMiB, MaxBackups: oldFiles, FileMode: 0o600}
}

// Add writes one line. That the disk is full must not stop a tunnel: the line
// then reaches only those who follow the log, and standard error says so.
func (b *Book) Add(e Entry) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.words = append(b.words, newWords(b.words, e.Private)...)
	b.log.WithTime(e.Time).WithFields(e.data()).Log(logrusLevels[e.Level], oneLine(e.Text))
	if e.Head {
		b.keepHead(e.Event, b.recent[(b.lines-1)%recentLines])
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// keepHead keeps the newest line of each event of the head.
func (b *Book) keepHead(event string, line []byte) {
	for i, old := range b.head {
		if eventOf(old) == event {
			b.head[i] = line
			return
		}
	}
	b.head = append(b.head, line)
}

// Close closes the files.
func (b *Book) Close() error {
	err := b.text.Close()
	if e := b.json.Close(); err == nil {
		err = e
	}
	return err
}

// jsonHook writes each line a second time, as JSON, and keeps it for those who
// follow. It runs inside Add, which holds mu.
type jsonHook Book

// Levels implements logrus.Hook.
func (*jsonHook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire implements logrus.Hook.
func (h *jsonHook) Fire(e *logrus.Entry) error {
	line, err := jsonForm.Format(e)
	if err != nil { // a field that JSON does not know: the line counts for more
		bare := e.Dup()
		bare.Data = logrus.Fields{keyEvent: e.Data[keyEvent]}
		bare.Level, bare.Message = e.Level, e.Message
		if line, err = jsonForm.Format(bare); err != nil {
			return err
		}
	}
	h.recent[h.lines%recentLines] = line
	h.lines++
	_, err = h.json.Write(line)
	return err
}

// history is every line that is kept, oldest first, as JSON, and how many lines
// had been written by then.
func (b *Book) history() (lines [][]byte, until int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	names, err := b.jsonNames()
	if err != nil {
		return nil, 0, err
	}
	for _, name := range names {
		more, err := readLines(filepath.Join(b.dir, name))
		if err != nil {
			return nil, 0, err
		}
		lines = append(lines, more...)
	}
	return b.withHead(lines), b.lines, nil
}

// jsonNames lists the files of JSON, oldest first: rotation puts the time into
// their names, and the current file has none.
func (b *Book) jsonNames() ([]string, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries { // sorted by name
		if n := e.Name(); strings.HasPrefix(n, "muvpn-") && strings.HasSuffix(n, ".jsonl") {
			names = append(names, n)
		}
	}
	return append(names, jsonName), nil
}

// readLines reads one file. One that rotation has just removed is empty.
func readLines(name string) ([][]byte, error) {
	f, err := os.Open(name)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return splitLines(raw), nil
}
