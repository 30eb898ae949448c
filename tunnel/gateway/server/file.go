package server

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"muvpn/profile/dn"
	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/lan"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// file is the configuration file; assets/samples/gateway.toml explains every
// key that a test or the demo uses.
type file struct {
	Listen   netip.Addr `toml:"listen"`
	IKEPort  *uint16    `toml:"ike_port"`
	NATTPort *uint16    `toml:"natt_port"`
	RawESP   bool       `toml:"raw_esp"`
	PathMTU  int        `toml:"path_mtu"`

	ID           id             `toml:"id"`
	Networks     []netip.Prefix `toml:"networks"`
	Groups       []group        `toml:"groups"`
	Users        []user         `toml:"users"`
	Phase1       phase1         `toml:"phase1"`
	Certificates certificates   `toml:"certificates"`
	XAuth        xauth          `toml:"xauth"`
	ModeConfig   modeConfig     `toml:"modeconfig"`
	Phase2       phase2         `toml:"phase2"`
	LAN          lanFile        `toml:"lan"`
	Misbehave    []fault        `toml:"misbehave"`
}

type id struct {
	Type  string `toml:"type"`
	Value string `toml:"value"`
}

type phase1 struct {
	Exchanges    []string         `toml:"exchanges"`
	Methods      []gateway.Method `toml:"methods"`
	Proposals    []proposal       `toml:"proposals"`
	Lifetime     duration         `toml:"lifetime"`
	NATT         []gateway.NATT   `toml:"natt"`
	ForceNAT     bool             `toml:"force_nat"`
	DPD          duration         `toml:"dpd"`
	Silent       bool             `toml:"silent"`
	RefuseSecond bool             `toml:"refuse_second"`
	Retransmit   duration         `toml:"retransmit"`
	Tries        int              `toml:"tries"`
	FragmentSize int              `toml:"fragment_size"`
}

type phase2 struct {
	Proposals  []proposal `toml:"proposals"`
	PFS        string     `toml:"pfs"`
	Lifetime   duration   `toml:"lifetime"`
	LifetimeKB uint64     `toml:"lifetime_kb"`
	Narrow     bool       `toml:"narrow"`
	Commit     string     `toml:"commit"`
	RekeyAfter duration   `toml:"rekey_after"`
}

type lanFile struct {
	Device   string       `toml:"device"`
	Address  netip.Prefix `toml:"address"`
	MTU      int          `toml:"mtu"`
	FileSize size         `toml:"file_size"`
}

// ParseConfig reads a configuration file. It tells every fault at once and
// never quotes a secret.
func ParseConfig(text []byte) (Config, error) {
	var f file
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Config{}, explain(err)
	}
	c, err := f.config()
	if err != nil {
		return Config{}, err
	}
	return c, errors.Join(c.validate(), c.Gateway.Validate())
}

// explain says where a file is wrong, in one line and without quoting it.
func explain(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var keys []string
		for _, e := range strict.Errors {
			keys = append(keys, strings.Join(e.Key(), "."))
		}
		return fmt.Errorf("unknown keys: %s", strings.Join(keys, ", "))
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		row, _ := decode.Position()
		return fmt.Errorf("line %d: %s: %s", row, strings.Join(decode.Key(), "."), strings.TrimPrefix(decode.Error(), "toml: "))
	}
	return err
}

// config makes the file's content a Config, or tells everything in it that
// cannot be read.
func (f file) config() (Config, error) {
	c := f.plain()
	g := &c.Gateway
	var idErr, phase1Err, groupErr, userErr, certErr error
	if g.ID, idErr = f.ID.wire(); idErr != nil {
		idErr = fmt.Errorf("id: %w", idErr)
	}
	g.Phase1, phase1Err = f.Phase1.config()
	g.Groups, groupErr = groups(f.Groups)
	g.Users, userErr = users(f.Users)
	g.Certificates, certErr = f.Certificates.config()
	return c, errors.Join(idErr, phase1Err, groupErr, userErr, certErr)
}

// plain is what needs no more reading.
func (f file) plain() Config {
	c := Config{
		Listen: f.Listen, IKEPort: ikePort, NATTPort: nattPort, PathMTU: f.PathMTU,
		LAN: lan.Config{Device: f.LAN.Device, Address: f.LAN.Address, MTU: f.LAN.MTU, FileSize: int64(f.LAN.FileSize)},
		Gateway: gateway.Config{
			Networks: f.Networks, RawESP: f.RawESP, XAuth: f.XAuth.config(), ModeConfig: f.ModeConfig.config(),
			Retransmit: time.Duration(f.Phase1.Retransmit), Tries: f.Phase1.Tries, FragmentSize: f.Phase1.FragmentSize,
			Phase2: gateway.Phase2{
				Proposals: proposals(f.Phase2.Proposals), PFS: f.Phase2.PFS,
				Lifetime: time.Duration(f.Phase2.Lifetime), LifetimeKB: f.Phase2.LifetimeKB,
				Narrow: f.Phase2.Narrow, Commit: f.Phase2.Commit, RekeyAfter: time.Duration(f.Phase2.RekeyAfter),
			},
		},
	}
	if f.IKEPort != nil {
		c.IKEPort = *f.IKEPort
	}
	if f.NATTPort != nil {
		c.NATTPort = *f.NATTPort
	}
	for _, m := range f.Misbehave {
		c.Gateway.Faults = append(c.Gateway.Faults, gateway.Fault(m))
	}
	return c
}

func (p phase1) config() (gateway.Phase1, error) {
	c := gateway.Phase1{
		Methods: p.Methods, Proposals: proposals(p.Proposals), Lifetime: time.Duration(p.Lifetime), NATT: p.NATT, ForceNAT: p.ForceNAT,
		DPD: time.Duration(p.DPD), Silent: p.Silent, RefuseSecond: p.RefuseSecond,
	}
	if p.NATT == nil {
		c.NATT = gateway.AllNATT
	}
	known := map[string]wire.Exchange{"main": wire.ExchangeMain, "aggressive": wire.ExchangeAggressive, "ikev2": wire.ExchangeIKESAInit}
	for _, name := range p.Exchanges {
		x, ok := known[name]
		if !ok {
			return c, fmt.Errorf("phase1.exchanges: %q is none of main, aggressive, ikev2", name)
		}
		c.Exchanges = append(c.Exchanges, x)
	}
	return c, nil
}

// wire is the identity as it is sent; an empty one stays empty, and a dn without
// a value is that of the certificate.
func (i id) wire() (wire.ID, error) {
	types := map[string]wire.IDType{"ipv4": wire.IDIPv4, "ipv6": wire.IDIPv6, "fqdn": wire.IDFQDN, "user_fqdn": wire.IDUserFQDN, "key_id": wire.IDKeyID, "dn": wire.IDDERASN1DN}
	t, known := types[i.Type]
	switch {
	case i == id{}:
		return wire.ID{}, nil
	case !known:
		return wire.ID{}, fmt.Errorf("type %q is none of ipv4, ipv6, fqdn, user_fqdn, key_id, dn", i.Type)
	case t == wire.IDIPv4, t == wire.IDIPv6:
		a, err := netip.ParseAddr(i.Value)
		return wire.Host(a), err
	case t == wire.IDDERASN1DN && i.Value != "":
		name, err := dn.Parse(i.Value)
		return wire.ID{IDType: t, Data: name}, err
	}
	return wire.ID{IDType: t, Data: []byte(i.Value)}, nil
}

// proposal is written as keywords: "3des-sha1-modp1024".
type proposal suite.Proposal

func (p *proposal) UnmarshalText(text []byte) error {
	parsed, err := gateway.ParseProposal(string(text))
	*p = proposal(parsed)
	return err
}

func proposals(list []proposal) (all []suite.Proposal) {
	for _, p := range list {
		all = append(all, suite.Proposal(p))
	}
	return all
}

// fault is written as gateway.ParseFault reads it.
type fault gateway.Fault

func (f *fault) UnmarshalText(text []byte) error {
	parsed, err := gateway.ParseFault(string(text))
	*f = fault(parsed)
	return err
}

// duration is written as "30s", or "off".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*d = 0
		return nil
	}
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// size is written as "50MB": powers of 1024, or octets.
type size int64

func (s *size) UnmarshalText(text []byte) error {
	number, factor := string(text), int64(1)
	for unit, f := range map[string]int64{"kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30} {
		if rest, ok := strings.CutSuffix(number, unit); ok {
			number, factor = rest, f
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 32)
	*s = size(n * factor)
	return err
}
