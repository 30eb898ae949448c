package userspace

import (
	"net"

	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
)

// conn is a connection that its Stack knows of, so that it can be closed when
// the address goes away.
type conn struct {
	*gonet.TCPConn
	stack *Stack
}

// track enters c among the stack's connections.
func (s *Stack) track(c *gonet.TCPConn) net.Conn {
	t := &conn{TCPConn: c, stack: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[t] = struct{}{}
	return t
}

// closeAll ends every connection. The caller holds s.mu.
func (s *Stack) closeAll() {
	for c := range s.conns {
		c.TCPConn.Close()
	}
	clear(s.conns)
}

// Close ends the connection; whoever reads it returns at once.
func (c *conn) Close() error {
	c.stack.mu.Lock()
	delete(c.stack.conns, c)
	c.stack.mu.Unlock()
	return c.TCPConn.Close()
}
