package ikev1

import (
	"io"
	"net/netip"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// path is where IKE messages go and come from.
type path struct {
	local, remote netip.AddrPort
	encap         bool // on the UDP-encapsulation socket
}

// path is the way over port 500, or over port 4500.
func (s *Session) path(encap bool) path {
	if encap {
		return path{s.cfg.LocalNATT, netip.AddrPortFrom(s.cfg.Gateway, s.cfg.NATTPort), true}
	}
	return path{s.cfg.Local, netip.AddrPortFrom(s.cfg.Gateway, s.cfg.IKEPort), false}
}

// datagram is data on its way along p.
func (p path) datagram(data []byte) ike.Datagram {
	return ike.Datagram{Data: data, Remote: p.remote, Encap: p.encap}
}

// forced says that a NAT is to be pretended: the profile asks for UDP
// encapsulation, or this system cannot send IP protocol 50.
func (s *Session) forced() bool {
	return s.cfg.NAT == ike.NATForce || s.cfg.NAT == ike.NATAuto && !s.cfg.RawESP
}

// natPayloads are our NAT-D payloads: the destination's hash, then the
// source's (quirk 13). To force encapsulation the latter is wrong, so that the
// peer sees a NAT, too.
func (s *Session) natPayloads(h *half) ([]wire.Payload, error) {
	if h.traits.nat == ike.NATNone {
		return nil, nil
	}
	source := h.natHash(h.path.local)
	if s.forced() {
		if _, err := io.ReadFull(s.cfg.Rand, source); err != nil {
			return nil, err
		}
	}
	draft := h.traits.nat.Draft()
	return []wire.Payload{
		wire.NATD{Draft: draft, Hash: h.natHash(h.path.remote)},
		wire.NATD{Draft: draft, Hash: source},
	}, nil
}

// detectNAT judges the peer's NAT-D payloads and moves to port 4500 if there
// is a NAT or one is pretended (quirk 14).
func (s *Session) detectNAT(h *half, p wire.Payloads) {
	if h.traits.nat == ike.NATNone {
		return
	}
	h.nat = ike.DetectNAT(natHashes(p, len(h.natHash(h.path.local))), h.natHash(h.path.local), h.natHash(h.path.remote))
	h.nat.Forced = s.forced()
	if h.nat.Encap() {
		h.path = s.path(true)
	}
}

// natHashes are the NAT-D payloads of one numbering, that of the first set
// with at least two hashes of the right length: some gateways send one set per
// draft and one per RFC (quirk 12).
func natHashes(p wire.Payloads, size int) [][]byte {
	var sets [2][][]byte
	for n := range wire.All[wire.NATD](p) {
		i := 0
		if n.Draft {
			i = 1
		}
		if len(n.Hash) == size {
			sets[i] = append(sets[i], n.Hash)
		}
	}
	first, _ := wire.Get[wire.NATD](p)
	if first.Draft && len(sets[1]) >= 2 || len(sets[0]) < 2 {
		return sets[1]
	}
	return sets[0]
}
