package server

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/lan"
)

// Server is a gateway that runs.
type Server struct {
	c      Config
	office *lan.Office // nil: inside was given
	inside tun.Device
	log    *logFile
	ike    *socket
	natt   *socket
	raw    *socket // nil without raw ESP

	mu      sync.Mutex // guards what follows, and the order of actions
	gateway *gateway.Gateway
	timer   *time.Timer
	closed  bool

	sas atomic.Pointer[sas]
	wg  sync.WaitGroup
}

// Start opens the sockets and the office network and lets users in. Its error
// is for people: it says which port is taken and what to do.
func Start(c Config) (*Server, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	g, err := gateway.New(c.Gateway)
	if err != nil {
		return nil, err
	}
	s := &Server{c: c, gateway: g, log: &logFile{to: c.Log, now: c.Now}}
	s.sas.Store(newSAs())
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.closeAll())
	}
	s.log.write("iked[90]", s.greeting())
	s.timer = time.AfterFunc(time.Hour, s.timeout)
	for _, k := range s.sockets() {
		s.wg.Go(func() { s.inbound(k) })
	}
	s.wg.Go(s.outbound)
	return s, nil
}

// open opens the sockets and the office.
func (s *Server) open() (err error) {
	if s.ike, err = s.openUDP(s.c.IKEPort, "ike_port"); err != nil {
		return err
	}
	if s.natt, err = s.openUDP(s.c.NATTPort, "natt_port"); err != nil {
		return err
	}
	s.natt.marker = true
	if s.c.Gateway.RawESP {
		if s.raw, err = openRaw(s.c.Listen); err != nil {
			return err
		}
	}
	if s.inside = s.c.Inside; s.inside != nil {
		return nil
	}
	if s.office, err = lan.Open(s.c.LAN); err == nil {
		s.inside = s.office.Device()
	}
	return err
}

// openUDP opens a port of the system's, or of who listens in its place; key is
// what the configuration calls it.
func (s *Server) openUDP(port uint16, key string) (*socket, error) {
	if s.c.ListenUDP == nil {
		return openUDP(s.c.Listen, port, key)
	}
	c, err := s.c.ListenUDP(netip.AddrPortFrom(s.c.Listen, port))
	if err != nil {
		return nil, err
	}
	return &socket{conn: c, local: addrPort(c.LocalAddr()), batch: oneByOne{c}}, nil
}

// sockets are those that are open.
func (s *Server) sockets() (all []*socket) {
	for _, k := range []*socket{s.ike, s.natt, s.raw} {
		if k != nil {
			all = append(all, k)
		}
	}
	return all
}

// greeting is the first line of the log.
func (s *Server) greeting() string {
	text := "Listening on " + s.IKE().String() + " for IKE, on " + s.NATT().String() + " for UDP encapsulation"
	if s.raw != nil {
		text += ", and for ESP as IP protocol 50"
	}
	return text + "; office at " + s.c.LAN.Address.Addr().String()
}

// IKE is the address and port of IKE.
func (s *Server) IKE() netip.AddrPort { return s.ike.local }

// NATT is the address and port of UDP encapsulation.
func (s *Server) NATT() netip.AddrPort { return s.natt.local }

// File is the large file of the office.
func (s *Server) File() *lan.File { return s.office.File() }

// Misbehave replaces the gateway's faults.
func (s *Server) Misbehave(faults ...gateway.Fault) {
	s.do(func(g *gateway.Gateway, _ time.Time) { g.Misbehave(faults...) })
}

// Rekey lets the gateway replace all SA pairs.
func (s *Server) Rekey() { s.do((*gateway.Gateway).Rekey) }

// LogOut deletes everybody's SAs, as an administrator does.
func (s *Server) LogOut() { s.do((*gateway.Gateway).Close) }

// timeout is called by the timer.
func (s *Server) timeout() {
	s.do(func(g *gateway.Gateway, now time.Time) {
		g.HandleTraffic(now, s.traffic())
		g.HandleTimeout(now)
	})
}

// do lets f use the gateway and then does what the gateway wants.
func (s *Server) do(f func(g *gateway.Gateway, now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	f(s.gateway, time.Now())
	for {
		a, ok := s.gateway.NextAction()
		if !ok {
			break
		}
		s.act(a)
	}
	if next, ok := s.gateway.NextTimeout(); ok {
		s.timer.Reset(time.Until(next))
	}
}

// act does one action of the gateway.
func (s *Server) act(a gateway.Action) {
	switch a := a.(type) {
	case gateway.Log:
		s.log.write(a.Process, a.Text)
	case gateway.Send:
		s.send(a.Datagram)
	case gateway.Install:
		if err := s.install(a.Child); err != nil {
			s.log.write("iked[90]", "Cannot load ESP SAs: "+err.Error())
		}
	case gateway.Remove:
		s.sas.Store(s.sas.Load().remove(a.SPIIn))
	}
}

// send sends an IKE datagram; what the network does not take is lost, as
// datagrams are.
func (s *Server) send(d gateway.Datagram) {
	k := s.ike
	if d.Encap {
		k = s.natt
	}
	k.sendIKE(d.Data, d.Remote)
}

// Close says goodbye to the users and ends everything.
func (s *Server) Close() error {
	s.LogOut()
	return s.Kill()
}

// Kill ends everything without a word, as if the power had failed.
func (s *Server) Kill() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.timer.Stop()
	s.mu.Unlock()
	err := s.closeAll()
	s.wg.Wait()
	return err
}

// closeAll closes what has been opened.
func (s *Server) closeAll() error {
	var errs []error
	for _, k := range s.sockets() {
		errs = append(errs, k.close())
	}
	switch {
	case s.office != nil:
		errs = append(errs, s.office.Close())
	case s.inside != nil:
		errs = append(errs, s.inside.Close())
	}
	return errors.Join(errs...)
}
