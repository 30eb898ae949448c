package server

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// logFile writes lines as a Firebox of 2001 does: a running number, date, time,
// process, text. Anybody may write.
type logFile struct {
	mu     sync.Mutex
	to     io.Writer
	now    func() time.Time
	number int
}

// write writes one line.
func (l *logFile) write(process, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	fmt.Fprintf(l.to, "%05d %s %s %s\n", l.number, l.now().Format("01/02/06 15:04:05"), process, text)
}
