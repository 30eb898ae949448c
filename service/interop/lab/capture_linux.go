package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// captureDelay is how long a packet may take from the link to tcpdump, which
// reads them by the block.
const captureDelay = 1500 * time.Millisecond

// Capture is tcpdump on one link, writing to a file.
type Capture struct {
	*Process
	Path string
}

// StartCapture begins to record what crosses the gateway's outer link.
func (l *Lab) StartCapture() (*Capture, error) {
	c := &Capture{Path: filepath.Join(l.Dir, "outer.pcap")}
	program := Program{
		Name: "tcpdump", Namespace: l.Network.Gateway,
		Args: []string{toolPath("tcpdump"), "-i", outerLink, "-U", "-n", "-Z", "root", "-B", "8192", "-s", "128", "-w", c.Path},
	}
	var err error
	if c.Process, err = program.Start(l.Dir); err != nil {
		return nil, err
	}
	l.onClose(func() { c.Stop() })
	return c, WaitFor(10*time.Second, c.listening)
}

// listening says whether tcpdump has begun.
func (c *Capture) listening() error {
	said, err := os.ReadFile(c.LogPath)
	if err == nil && !strings.Contains(string(said), "listening on") {
		err = fmt.Errorf("tcpdump has not begun: %s", said)
	}
	return err
}

// Finish ends the recording and returns what crossed the link. The error says that
// it had ended before.
func (c *Capture) Finish() (Traffic, error) {
	time.Sleep(captureDelay)
	if !c.Running() {
		return Traffic{}, fmt.Errorf("tcpdump has ended: %v", c.err)
	}
	c.Signal(syscall.SIGINT)
	<-c.done
	return c.read()
}

// read is what has been written down so far.
func (c *Capture) read() (Traffic, error) {
	file, err := os.Open(c.Path)
	if err != nil {
		return Traffic{}, err
	}
	defer file.Close()
	return readTraffic(file)
}
