package netcfg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// tableName is what the tables of ours are called, in the families inet and arp.
const tableName = "muvpn"

// howNFTables is the firewall of Linux.
const howNFTables = "nftables"

// buffer is what a socket to the kernel may hold, in octets. A firewall goes out
// in one message and is answered rule by rule before anybody reads: the usual
// buffer is full after some 250 rules.
const buffer = 4 << 20

// openNFTables is a Conn with room for the largest firewall.
func openNFTables() (*nftables.Conn, error) { return nftablesWith(buffer) }

func nftablesWith(octets int) (*nftables.Conn, error) {
	return nftables.New(nftables.WithSockOptions(func(c *netlink.Conn) error {
		return errors.Join(c.SetReadBuffer(octets), c.SetWriteBuffer(buffer))
	}))
}

// lookShield takes down the rules of ours as their comments have them.
func lookShield() Firewall {
	c, err := openNFTables()
	if err != nil {
		return Firewall{Missing: err.Error()}
	}
	tables, err := c.ListTablesOfFamily(nftables.TableFamilyINet)
	if err != nil {
		return Firewall{Missing: fmt.Sprintf("the kernel's nftables cannot be used (%v)", err)}
	}
	f := Firewall{How: howNFTables}
	for _, t := range tables {
		if t.Name != tableName {
			continue
		}
		for _, chain := range []string{"out", "in"} {
			text, err := comments(c, t, chain)
			if err != nil {
				return f // it is changing: whatever it is now is not what we want
			}
			f.Text += text
		}
	}
	return f
}

// comments are those of a chain's rules, a line each.
func comments(c *nftables.Conn, t *nftables.Table, chain string) (string, error) {
	rules, err := c.GetRules(t, &nftables.Chain{Name: chain, Table: t})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, r := range rules {
		text, _ := userdata.GetString(r.UserData, userdata.TypeComment)
		b.WriteString(text + "\n")
	}
	return b.String(), nil
}

// applyShield puts a shield in the place of whatever table of ours there is, in
// one transaction: there is no moment without one or the other.
func applyShield(s *Shield) error { return applyShieldBy(openNFTables, s) }

// applyShieldBy is applyShield with a Conn that open makes. An error may mean
// that only the answer was lost: what counts is what the kernel has.
func applyShieldBy(open func() (*nftables.Conn, error), s *Shield) error {
	err := flushShield(open, s, true)
	if isAny(err, unix.ENOENT, unix.EOPNOTSUPP, unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT) { // ENOENT since Linux 4.17
		err = flushShield(open, s, false) // a kernel that cannot filter ARP
	}
	if err != nil && lookShield().Text == s.text() {
		return nil
	}
	return err
}

func flushShield(open func() (*nftables.Conn, error), s *Shield, arp bool) error {
	c, err := open()
	if err != nil {
		return err
	}
	if arp {
		addARP(c, s.Own)
	}
	t := replaceTable(c, nftables.TableFamilyINet)
	accept := nftables.ChainPolicyAccept
	// After NAT has changed where packets go to, for what this computer sends
	// and for what it passes on.
	out := c.AddChain(&nftables.Chain{Name: "out", Table: t, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookPostrouting, Priority: nftables.ChainPriorityFilter, Policy: &accept})
	in := c.AddChain(&nftables.Chain{Name: "in", Table: t, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter, Policy: &accept})
	for _, r := range s.Rules() {
		chain := out
		if r.In {
			chain = in
		}
		c.AddRule(&nftables.Rule{Table: t, Chain: chain, Exprs: r.expressions(s.Block),
			UserData: userdata.AppendString(nil, userdata.TypeComment, r.String())})
	}
	return c.Flush()
}

// addARP has the computer neither answer for the virtual IPs on its links nor
// name them there, as Linux does of itself with every address that it has (the
// first step of CVE-2019-14899). The places are those of RFC 826 for Ethernet
// and IPv4.
func addARP(c *nftables.Conn, own []netip.Addr) {
	const sender, target = 14, 24
	t := replaceTable(c, nftables.TableFamilyARP)
	in := c.AddChain(&nftables.Chain{Name: "in", Table: t, Type: nftables.ChainTypeFilter,
		Hooknum: hookARPIn, Priority: nftables.ChainPriorityFilter})
	out := c.AddChain(&nftables.Chain{Name: "out", Table: t, Type: nftables.ChainTypeFilter,
		Hooknum: hookARPOut, Priority: nftables.ChainPriorityFilter})
	for _, a := range own {
		if !a.Is4() {
			continue
		}
		for chain, offset := range map[*nftables.Chain]uint32{in: target, out: sender} {
			c.AddRule(&nftables.Rule{Table: t, Chain: chain, Exprs: []expr.Any{
				&expr.Payload{DestRegister: register, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4},
				equal(a.AsSlice()), &expr.Verdict{Kind: expr.VerdictDrop}}})
		}
	}
}

// The hooks of ARP (linux/netfilter_arp.h).
var hookARPIn, hookARPOut = nftables.ChainHookRef(0), nftables.ChainHookRef(1)

// replaceTable makes an empty table, whether there was one or not.
func replaceTable(c *nftables.Conn, family nftables.TableFamily) *nftables.Table {
	t := &nftables.Table{Name: tableName, Family: family}
	c.AddTable(t)
	c.DelTable(t)
	return c.AddTable(t)
}

// undoShield takes the table away, if there is one.
func undoShield() error { return undoShieldBy(openNFTables) }

// undoShieldBy is undoShield with a Conn that open makes. A kernel without
// nftables has no table of ours; one that does not say which it has may have it.
func undoShieldBy(open func() (*nftables.Conn, error)) error {
	c, err := open()
	if err != nil {
		return err
	}
	tables, err := c.ListTables()
	if isAny(err, unix.EOPNOTSUPP, unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT, unix.EINVAL) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("asking the kernel for its tables: %w", err)
	}
	for _, t := range tables {
		if t.Name == tableName && (t.Family == nftables.TableFamilyINet || t.Family == nftables.TableFamilyARP) {
			c.DelTable(t)
		}
	}
	return c.Flush()
}

// isAny says that err is one of those.
func isAny(err error, numbers ...unix.Errno) bool {
	return slices.ContainsFunc(numbers, func(n unix.Errno) bool { return errors.Is(err, n) })
}

// register is the one that all matches use (NFT_REG_1).
const register = 1

// expressions are the rule for the kernel. With flows the kernel is asked to
// know the answers to our own packets again, which costs others a little: only
// a kill switch needs it.
func (r Rule) expressions(flows bool) []expr.Any {
	var e []expr.Any
	switch {
	case r.Loopback && r.In:
		e = append(e, meta(expr.MetaKeyIIFTYPE, native16(unix.ARPHRD_LOOPBACK))...)
	case r.Loopback:
		e = append(e, meta(expr.MetaKeyOIFTYPE, native16(unix.ARPHRD_LOOPBACK))...)
	case r.Link != "" && r.In:
		e = append(e, meta(expr.MetaKeyIIFNAME, interfaceData(r.Link))...)
	case r.Link != "":
		e = append(e, meta(expr.MetaKeyOIFNAME, interfaceData(r.Link))...)
	case r.Own && r.In:
		e = append(e, &expr.Ct{Key: expr.CtKeyMARK, Register: register}, equal(binaryutil.NativeEndian.PutUint32(Mark)))
	case r.Own:
		e = append(e, meta(expr.MetaKeyMARK, binaryutil.NativeEndian.PutUint32(Mark))...)
	}
	e = append(e, r.addresses()...)
	e = append(e, r.transport()...)
	if r.Own && !r.In && flows {
		e = append(e, &expr.Immediate{Register: register, Data: binaryutil.NativeEndian.PutUint32(Mark)},
			&expr.Ct{Key: expr.CtKeyMARK, Register: register, SourceRegister: true})
	}
	verdict := expr.VerdictDrop
	if r.Pass {
		verdict = expr.VerdictAccept
	}
	return append(e, &expr.Verdict{Kind: verdict})
}

// addresses match where a packet comes from and goes to.
func (r Rule) addresses() []expr.Any {
	var e []expr.Any
	if r.Net.IsValid() {
		e = append(e, inNetwork(r.Net, r.In)...)
	}
	if r.To.IsValid() {
		e = append(e, inNetwork(r.To, false)...)
	}
	if r.As.IsValid() {
		e = append(e, inNetwork(r.As, true)...)
	}
	return e
}

// inNetwork matches the source or destination of IPv4 (RFC 791 section 3.1) or
// IPv6 (RFC 8200 section 3).
func inNetwork(n netip.Prefix, source bool) []expr.Any {
	family, offset, size := byte(unix.NFPROTO_IPV4), uint32(16), uint32(4)
	if n.Addr().Is6() {
		family, offset, size = unix.NFPROTO_IPV6, 24, 16
	}
	if source {
		offset -= size
	}
	mask := make([]byte, size)
	for bit := range n.Bits() {
		mask[bit/8] |= 0x80 >> (bit % 8)
	}
	return append(meta(expr.MetaKeyNFPROTO, []byte{family}),
		&expr.Payload{DestRegister: register, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: size},
		&expr.Bitwise{SourceRegister: register, DestRegister: register, Len: size, Mask: mask, Xor: make([]byte, size)},
		equal(n.Addr().AsSlice()))
}

// transport matches protocol, ports (RFC 768) and type (RFC 4443).
func (r Rule) transport() []expr.Any {
	var e []expr.Any
	if r.Proto != 0 {
		e = append(e, meta(expr.MetaKeyL4PROTO, []byte{r.Proto})...)
	}
	if r.From != 0 {
		e = append(e, header(0, binary.BigEndian.AppendUint16(nil, r.From))...)
	}
	if r.At != 0 {
		e = append(e, header(2, binary.BigEndian.AppendUint16(nil, r.At))...)
	}
	if r.ICMP != 0 {
		e = append(e, header(0, []byte{r.ICMP})...)
	}
	return e
}

// header matches octets of the transport header.
func header(offset uint32, want []byte) []expr.Any {
	return []expr.Any{&expr.Payload{DestRegister: register, Base: expr.PayloadBaseTransportHeader,
		Offset: offset, Len: uint32(len(want))}, equal(want)}
}

// meta matches what the kernel knows of a packet.
func meta(key expr.MetaKey, want []byte) []expr.Any {
	return []expr.Any{&expr.Meta{Key: key, Register: register}, equal(want)}
}

func equal(want []byte) expr.Any {
	return &expr.Cmp{Op: expr.CmpOpEq, Register: register, Data: want}
}

func native16(n uint16) []byte { return binary.NativeEndian.AppendUint16(nil, n) }

// interfaceData is the name of an interface as the kernel compares it.
func interfaceData(name string) []byte {
	b := make([]byte, unix.IFNAMSIZ)
	copy(b[:unix.IFNAMSIZ-1], name)
	return b
}
