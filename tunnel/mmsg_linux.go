package tunnel

import (
	"cmp"
	"encoding/binary"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"muvpn/tunnel/esp"
)

// rxMessages is how many messages one recvmmsg takes; with UDP_GRO each may
// hold many datagrams.
const rxMessages = 32

// The limits of UDP_SEGMENT: datagrams in one message, and octets of them all.
const (
	maxSegments     = 64
	maxSegmentBytes = 65000
)

// mmsghdr is the kernel's struct mmsghdr.
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// cmsg is one control message with a number in it.
type cmsg struct {
	hdr  unix.Cmsghdr
	data [8]byte
}

// receiver reads messages and gives out the datagrams that they hold. All of
// its memory is made once.
type receiver struct {
	raw   syscall.RawConn
	strip bool
	msgs  [rxMessages]mmsghdr
	iovs  [rxMessages]unix.Iovec
	ctrl  [rxMessages]cmsg
	bufs  [rxMessages][]byte

	n, next int    // messages that were read, and the next to give out
	rest    []byte // of the message under way
	size    int    // of each datagram in rest but the last

	err  error
	call func(fd uintptr) bool
}

func newReceiver(raw syscall.RawConn, strip bool) *receiver {
	r := &receiver{raw: raw, strip: strip}
	slab := make([]byte, rxMessages*maxDatagram)
	for i := range r.msgs {
		r.bufs[i] = slab[i*maxDatagram : (i+1)*maxDatagram]
		r.iovs[i].Base = &r.bufs[i][0]
		r.iovs[i].SetLen(maxDatagram)
		h := &r.msgs[i].hdr
		h.Iov = &r.iovs[i]
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&r.ctrl[i]))
	}
	r.call = r.recvmmsg
	return r
}

// receive gives out datagrams, and reads more when none is left.
func (r *receiver) receive(pkts []esp.Packet) (int, error) {
	for len(r.rest) == 0 && !r.begin() {
		if err := r.read(); err != nil {
			return 0, err
		}
	}
	n := 0
	for n < len(pkts) && (len(r.rest) > 0 || r.begin()) {
		end := min(r.size, len(r.rest))
		fill(&pkts[n], r.rest[:end])
		r.rest = r.rest[end:]
		n++
	}
	return n, nil
}

// begin takes up the next message that was read; false when there is none.
func (r *receiver) begin() bool {
	for r.next < r.n {
		i := r.next
		r.next++
		r.rest = r.bufs[i][:r.msgs[i].len]
		if r.strip {
			r.rest = ipv4Payload(r.rest)
		}
		if r.size = r.segmentSize(i); r.size == 0 {
			r.size = len(r.rest)
		}
		if len(r.rest) > 0 {
			return true
		}
	}
	return false
}

// read waits for messages.
func (r *receiver) read() error {
	r.n, r.next, r.err = 0, 0, nil
	for i := range r.msgs {
		r.msgs[i].hdr.SetControllen(int(unsafe.Sizeof(cmsg{})))
	}
	if err := r.raw.Read(r.call); err != nil {
		return err
	}
	return r.err
}

// recvmmsg is one try; false when there is nothing to read yet.
func (r *receiver) recvmmsg(fd uintptr) bool {
	n, errno := mmsg(unix.SYS_RECVMMSG, fd, r.msgs[:])
	if errno == unix.EAGAIN {
		return false
	}
	r.n = n
	if errno != 0 {
		r.err = os.NewSyscallError("recvmmsg", errno)
	}
	return true
}

// mmsg calls recvmmsg or sendmmsg.
func mmsg(call, fd uintptr, msgs []mmsghdr) (int, syscall.Errno) {
	for {
		n, _, errno := unix.Syscall6(call, fd, uintptr(unsafe.Pointer(&msgs[0])), uintptr(len(msgs)), 0, 0, 0)
		switch errno {
		case 0:
			return int(n), 0
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// segmentSize reads the UDP_GRO control message of message i: how long the
// datagrams are that the kernel has joined; 0 when it has not.
func (r *receiver) segmentSize(i int) int {
	c := &r.ctrl[i]
	if int(r.msgs[i].hdr.Controllen) < unix.CmsgLen(4) || c.hdr.Level != unix.SOL_UDP || c.hdr.Type != unix.UDP_GRO {
		return 0
	}
	return int(binary.NativeEndian.Uint32(c.data[:]))
}

// sender sends batches. Packets of equal length that follow each other become
// one message, which the kernel or the network card takes apart again.
type sender struct {
	raw  syscall.RawConn
	gso  bool
	msgs [slots]mmsghdr
	iovs [slots]unix.Iovec
	ctrl [slots]cmsg

	at, n int // messages sent, and all of them
	errno syscall.Errno
	call  func(fd uintptr) bool
}

func newSender(raw syscall.RawConn, gso bool) *sender {
	s := &sender{raw: raw, gso: gso}
	s.call = s.sendmmsg
	return s
}

// send sends a batch of any length.
func (s *sender) send(pkts []esp.Packet) error {
	var first error
	for len(pkts) > 0 {
		n := min(len(pkts), slots)
		if err := s.sendSome(pkts[:n]); err != nil && first == nil {
			first = err
		}
		pkts = pkts[n:]
	}
	return first
}

// sendSome sends at most as many packets as there are slots. A message that the
// kernel refuses to segment goes out packet by packet; that it had to is
// EMSGSIZE when the path has become too short.
func (s *sender) sendSome(pkts []esp.Packet) error {
	var first error
	s.load(pkts)
	again := -1 // the message that has had its second try
	for s.at < s.n {
		if err := s.raw.Write(s.call); err != nil {
			return err
		}
		switch {
		case s.errno == 0:
			continue
		case s.noSegmentation():
			s.gso = false
			s.split()
			continue
		case s.longSegments():
			first = cmp.Or(first, os.NewSyscallError("sendmmsg", unix.EMSGSIZE))
			s.split()
			continue
		}
		first = cmp.Or(first, os.NewSyscallError("sendmmsg", s.errno))
		// An error that ICMP has brought is that of an earlier packet.
		if s.errno == unix.ECONNREFUSED && again != s.at {
			again = s.at
			continue
		}
		s.at++
	}
	return first
}

// load makes messages of the packets that were not dropped.
func (s *sender) load(pkts []esp.Packet) {
	s.at, s.n = 0, 0
	iovs, size, octets := 0, 0, 0
	full := true // the last message takes no more
	for i := range pkts {
		if pkts[i].Drop != esp.Kept {
			continue
		}
		b := pkts[i].Data()
		iov := &s.iovs[iovs]
		iovs++
		iov.Base = &b[0]
		iov.SetLen(len(b))
		if full || len(b) > size || octets+len(b) > maxSegmentBytes {
			s.begin(iov)
			size, octets = len(b), 0
		} else {
			s.extend(size)
		}
		octets += len(b)
		full = !s.gso || len(b) < size || s.msgs[s.n-1].hdr.Iovlen == maxSegments
	}
}

// begin makes a message of one packet.
func (s *sender) begin(iov *unix.Iovec) {
	s.msgs[s.n].hdr = unix.Msghdr{Iov: iov}
	s.msgs[s.n].hdr.SetIovlen(1)
	s.n++
}

// extend adds a packet to the last message, and says where the kernel must cut.
func (s *sender) extend(size int) {
	m, c := &s.msgs[s.n-1].hdr, &s.ctrl[s.n-1]
	m.SetIovlen(int(m.Iovlen) + 1)
	c.hdr.Level, c.hdr.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	c.hdr.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(c.data[:], uint16(size))
	m.Control = (*byte)(unsafe.Pointer(c))
	m.SetControllen(unix.CmsgSpace(2))
}

// sendmmsg is one try; false when the socket must drain first.
func (s *sender) sendmmsg(fd uintptr) bool {
	n, errno := mmsg(unix.SYS_SENDMMSG, fd, s.msgs[s.at:s.n])
	s.at += n
	s.errno = errno
	return errno != unix.EAGAIN
}

// noSegmentation says that the interface cannot do checksums, which
// UDP_SEGMENT needs. It will not learn.
func (s *sender) noSegmentation() bool {
	return s.msgs[s.at].hdr.Iovlen > 1 && s.errno == unix.EIO
}

// longSegments says that the path has become shorter than the segments of the
// message at hand. One by one they go out, in fragments.
func (s *sender) longSegments() bool {
	return s.msgs[s.at].hdr.Iovlen > 1 && (s.errno == unix.EINVAL || s.errno == unix.EMSGSIZE)
}

// split makes of the message at hand one for each of its packets. There is room,
// as there are no more packets than slots.
func (s *sender) split() {
	m := s.msgs[s.at].hdr
	iovs := unsafe.Slice(m.Iov, int(m.Iovlen))
	copy(s.msgs[s.at+len(iovs):], s.msgs[s.at+1:s.n])
	for i := range iovs {
		s.msgs[s.at+i].hdr = unix.Msghdr{Iov: &iovs[i]}
		s.msgs[s.at+i].hdr.SetIovlen(1)
	}
	s.n += len(iovs) - 1
}
