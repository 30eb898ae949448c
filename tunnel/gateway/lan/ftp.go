package lan

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/textproto"
	"strings"
	"time"
)

// serveFTP starts an FTP server (RFC 959) with the large file: anonymous,
// passive (RFC 2428 too), nothing can be written.
func (o *Office) serveFTP() error {
	return o.accept(portFTP, func(c net.Conn) {
		s := &ftp{o: o, conn: c, text: textproto.NewConn(c)}
		defer s.closeData()
		s.run()
	})
}

// ftp is one control connection.
type ftp struct {
	o    *Office
	conn net.Conn
	text *textproto.Conn
	data net.Listener // of PASV or EPSV; nil: none
}

// ftpCommands are the commands by name. Each is given what stands behind its
// name and returns the reply.
var ftpCommands = map[string]func(s *ftp, arg string) string{
	"USER": func(*ftp, string) string { return "331 Any password will do." },
	"PASS": func(*ftp, string) string { return "230 You are logged in." },
	"SYST": func(*ftp, string) string { return "215 UNIX Type: L8" },
	"FEAT": func(*ftp, string) string { return "211-Features:\r\n SIZE\r\n EPSV\r\n211 End" },
	"OPTS": func(*ftp, string) string { return "501 There are no options." },
	"NOOP": func(*ftp, string) string { return "200 Done." },
	"TYPE": func(*ftp, string) string { return "200 Everything is sent as it is." },
	"PWD":  func(*ftp, string) string { return `257 "/" is the only folder.` },
	"CWD":  func(*ftp, string) string { return "250 There is only one folder." },
	"PASV": (*ftp).passive,
	"EPSV": (*ftp).extendedPassive,
	"SIZE": (*ftp).size,
	"LIST": (*ftp).list,
	"NLST": (*ftp).names,
	"RETR": (*ftp).retrieve,
}

// run answers commands until the client quits or is silent for too long.
func (s *ftp) run() {
	s.text.PrintfLine("220 The office's FTP server.")
	for {
		s.conn.SetReadDeadline(time.Now().Add(patience))
		line, err := s.text.ReadLine()
		if err != nil {
			return
		}
		name, arg, _ := strings.Cut(line, " ")
		name = strings.ToUpper(name)
		if name == "QUIT" {
			s.text.PrintfLine("221 Goodbye.")
			return
		}
		reply := "502 Not known here."
		if command, ok := ftpCommands[name]; ok {
			reply = command(s, arg)
		}
		if err := s.text.PrintfLine("%s", reply); err != nil {
			return
		}
	}
}

// passive opens a port for the data connection.
func (s *ftp) passive(string) string {
	a, err := s.openData()
	if err != nil || !a.Addr().Is4() {
		return "425 No data connection."
	}
	octets := a.Addr().As4()
	return fmt.Sprintf("227 Entering passive mode (%d,%d,%d,%d,%d,%d).",
		octets[0], octets[1], octets[2], octets[3], a.Port()>>8, a.Port()&0xff)
}

// extendedPassive is the same for any protocol (RFC 2428 section 3).
func (s *ftp) extendedPassive(string) string {
	a, err := s.openData()
	if err != nil {
		return "425 No data connection."
	}
	return fmt.Sprintf("229 Entering extended passive mode (|||%d|)", a.Port())
}

// openData listens on a port of the stack's choice.
func (s *ftp) openData() (netip.AddrPort, error) {
	s.closeData()
	l, err := s.o.listen(0)
	if err != nil {
		return netip.AddrPort{}, err
	}
	s.data = l
	port, err := netip.ParseAddrPort(l.Addr().String())
	return netip.AddrPortFrom(s.o.address, port.Port()), err
}

func (s *ftp) closeData() {
	if s.data != nil {
		s.o.untrack(s.data)
		s.data = nil
	}
}

// send sends content over the data connection.
func (s *ftp) send(content io.Reader) string {
	if s.data == nil {
		return "425 PASV or EPSV comes first."
	}
	defer s.closeData()
	s.text.PrintfLine("150 Here it comes.")
	late := time.AfterFunc(patience, func() { s.data.Close() })
	c, err := s.data.Accept()
	late.Stop()
	if err != nil {
		return "425 No data connection."
	}
	if !s.o.track(c) {
		return "426 The office closes."
	}
	defer s.o.untrack(c)
	if _, err := io.Copy(c, content); err != nil {
		return "426 The data connection broke."
	}
	return "226 That was all."
}

// wants says whether a client's path is the one file.
func (s *ftp) wants(path string) bool { return strings.TrimPrefix(path, "/") == FileName }

func (s *ftp) size(path string) string {
	if !s.wants(path) {
		return "550 There is only " + FileName + "."
	}
	return fmt.Sprintf("213 %d", s.o.file.Size)
}

func (s *ftp) list(string) string {
	return s.send(strings.NewReader(fmt.Sprintf("-r--r--r-- 1 ftp ftp %d Jun 12 2001 %s\r\n", s.o.file.Size, FileName)))
}

func (s *ftp) names(string) string { return s.send(strings.NewReader(FileName + "\r\n")) }

func (s *ftp) retrieve(path string) string {
	if !s.wants(path) {
		return "550 There is only " + FileName + "."
	}
	return s.send(s.o.file.Open())
}
