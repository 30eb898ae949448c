package lan

import (
	"fmt"
	"io"
	"net"
)

// serveTCPEcho sends back what it gets (RFC 862).
func (o *Office) serveTCPEcho() error {
	return o.accept(portEcho, func(c net.Conn) { io.Copy(c, c) })
}

// serveUDPEcho sends each datagram back.
func (o *Office) serveUDPEcho() error {
	c, err := o.network.listenUDP(portEcho)
	if err != nil {
		return fmt.Errorf("lan: UDP port %d: %w", portEcho, err)
	}
	if !o.track(c) {
		return net.ErrClosed
	}
	o.wg.Go(func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			c.WriteTo(buf[:n], from)
		}
	})
	return nil
}
