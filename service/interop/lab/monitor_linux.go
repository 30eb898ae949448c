package lab

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// monitorBuffer is how many octets of packets may wait for the monitor.
const monitorBuffer = 64 << 20

// Monitor looks at every packet that leaves the client's computer by its
// physical link, behind all that could still stop it there.
type Monitor struct {
	watched Watched
	file    *os.File
	raw     syscall.RawConn
	ended   chan struct{}

	mu   sync.Mutex // reading, and what follows
	buf  []byte
	seen Sights
	lost error // what was read is not all
}

// StartMonitor begins to watch the client's link. It ends with the lab.
func (l *Lab) StartMonitor(watched Watched) (*Monitor, error) {
	m := &Monitor{watched: watched, buf: make([]byte, 64<<10), seen: newSights(), ended: make(chan struct{})}
	err := l.Network.Client.Do(func() (err error) {
		m.file, err = packetSocket(ClientLink)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("monitor: %w", err)
	}
	if m.raw, err = m.file.SyscallConn(); err != nil {
		m.file.Close()
		return nil, err
	}
	go m.watch()
	l.onClose(m.close)
	return m, nil
}

// packetSocket gets every packet of a link of this thread's namespace.
func packetSocket(link string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "packets of "+link)
	at, err := net.InterfaceByName(link)
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, monitorBuffer)
	}
	if err == nil {
		all := uint16(unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8)
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: at.Index})
	}
	if err != nil {
		file.Close()
	}
	return file, err
}

// watch reads whenever there is something, until the socket is closed.
func (m *Monitor) watch() {
	defer close(m.ended)
	m.raw.Read(func(fd uintptr) bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.drain(int(fd))
		return false
	})
}

// drain sorts all that waits. A link that is taken down says so once.
func (m *Monitor) drain(fd int) {
	for {
		n, from, err := unix.Recvfrom(fd, m.buf, 0)
		switch {
		case err == unix.ENETDOWN || err == unix.EINTR:
			continue
		case err != nil:
			if err != unix.EAGAIN {
				m.lost = errors.Join(m.lost, err)
			}
			return
		}
		if at, ok := from.(*unix.SockaddrLinklayer); ok && at.Pkttype == unix.PACKET_OUTGOING {
			m.seen.add(m.watched.sort(m.buf[:n]))
		}
	}
}

// Take is all that has left since the last Take, up to this moment. The error
// says that packets were missed.
func (m *Monitor) Take() (Sights, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.raw.Control(func(fd uintptr) {
		m.drain(int(fd))
		stats, err := unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS)
		if err == nil && stats.Drops > 0 {
			err = fmt.Errorf("%d packets did not fit", stats.Drops)
		}
		m.lost = errors.Join(m.lost, err)
	})
	seen := m.seen
	m.seen = newSights()
	if err = errors.Join(err, m.lost); err != nil {
		err = fmt.Errorf("monitor: %w", err)
	}
	return seen, err
}

// close ends the watch.
func (m *Monitor) close() {
	m.file.Close()
	<-m.ended
}
