package tunnel

import "net"

func (t *batchTransport) local() *net.UDPAddr { return t.conn.LocalAddr().(*net.UDPAddr) }
