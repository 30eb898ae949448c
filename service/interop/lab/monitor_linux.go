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

// Monitor looks at every packet that leaves a computer by its physical link,
// behind all that could still stop it there.
type Monitor struct {
	watched Watched
	leaves  func(*unix.SockaddrLinklayer) bool // that a packet which was met there does
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
	outgoing := func(at *unix.SockaddrLinklayer) bool { return at.Pkttype == unix.PACKET_OUTGOING }
	m, err := l.Network.Client.monitor(ClientLink, watched, outgoing)
	if err == nil {
		l.onClose(m.Close)
	}
	return m, err
}

// MonitorOthers begins to watch what comes into the namespace by links that it
// does not have yet: what computers send that will be plugged in, from their
// first packet on. Monitor.Close ends it.
func (n *Namespace) MonitorOthers(watched Watched) (*Monitor, error) {
	links, err := n.links.LinkList()
	if err != nil {
		return nil, err
	}
	own := map[int]bool{}
	for _, link := range links {
		own[link.Attrs().Index] = true
	}
	incoming := func(at *unix.SockaddrLinklayer) bool { return at.Pkttype != unix.PACKET_OUTGOING && !own[at.Ifindex] }
	return n.monitor("", watched, incoming)
}

// monitor begins to watch a link of the namespace, or all.
func (n *Namespace) monitor(link string, watched Watched, leaves func(*unix.SockaddrLinklayer) bool) (*Monitor, error) {
	m := &Monitor{watched: watched, leaves: leaves, buf: make([]byte, 64<<10), seen: newSights(), ended: make(chan struct{})}
	err := n.Do(func() (err error) {
		m.file, err = packetSocket(link)
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
	return m, nil
}

// packetSocket gets every packet of a link of this thread's namespace, or of all
// that there are and will be.
func packetSocket(link string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "packets of "+link)
	all := &unix.SockaddrLinklayer{Protocol: uint16(unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8)}
	if link != "" {
		var at *net.Interface
		if at, err = net.InterfaceByName(link); err == nil {
			all.Ifindex = at.Index
		}
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, monitorBuffer)
	}
	if err == nil {
		err = unix.Bind(fd, all)
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
		if at, ok := from.(*unix.SockaddrLinklayer); ok && m.leaves(at) {
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

// Close ends the watch.
func (m *Monitor) Close() {
	m.file.Close()
	<-m.ended
}
