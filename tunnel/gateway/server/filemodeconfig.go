package server

import (
	"net/netip"
	"time"

	"muvpn/tunnel/gateway"
)

type modeConfig struct {
	Mode         string         `toml:"mode"`
	Pool         []netip.Prefix `toml:"pool"`
	Pool6        netip.Prefix   `toml:"pool6"`
	Netmask      netip.Addr     `toml:"netmask"`
	Expiry       duration       `toml:"expiry"`
	DNS          []netip.Addr   `toml:"dns"`
	WINS         []netip.Addr   `toml:"wins"`
	Domain       string         `toml:"domain"`
	SplitInclude []netip.Prefix `toml:"split_include"`
	SplitExclude []netip.Prefix `toml:"split_exclude"`
	SplitDNS     []string       `toml:"split_dns"`
	Banner       string         `toml:"banner"`
	SavePassword bool           `toml:"save_password"`
	Backup       []string       `toml:"backup"`
	PFS          bool           `toml:"pfs"`

	Padding  int  `toml:"padding"`
	Split8   bool `toml:"split8"`
	SplitAll bool `toml:"split_all"`
	Short6   bool `toml:"short6"`
	Unasked  bool `toml:"unasked"`
}

func (m modeConfig) config() gateway.ModeConfig {
	return gateway.ModeConfig{
		Mode: m.Mode, Pool: m.Pool, Pool6: m.Pool6, Netmask: m.Netmask, Expiry: time.Duration(m.Expiry),
		DNS: m.DNS, WINS: m.WINS, Domain: m.Domain,
		SplitInclude: m.SplitInclude, SplitExclude: m.SplitExclude, SplitDNS: m.SplitDNS,
		Banner: m.Banner, SavePassword: m.SavePassword, Backup: m.Backup, PFS: m.PFS,
		Padding: m.Padding, Split8: m.Split8, SplitAll: m.SplitAll, Short6: m.Short6, Unasked: m.Unasked,
	}
}
