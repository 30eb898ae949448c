package server

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"muvpn/tunnel/gateway"
)

type group struct {
	Name string `toml:"name"`
	ID   id     `toml:"id"`
	PSK  string `toml:"psk"`
}

type user struct {
	Name      string     `toml:"name"`
	ID        id         `toml:"id"`
	PSK       string     `toml:"psk"`
	Group     string     `toml:"group"`
	VirtualIP netip.Addr `toml:"virtual_ip"`
	Password  string     `toml:"password"`
	Passcodes []string   `toml:"passcodes"`
	Answer    string     `toml:"answer"`
	Domain    string     `toml:"domain"`
}

type xauth struct {
	Rounds       []round  `toml:"rounds"`
	Retries      int      `toml:"retries"`
	LockAfter    int      `toml:"lock_after"`
	LockFor      duration `toml:"lock_for"`
	Welcome      string   `toml:"welcome"`
	Type         string   `toml:"type"`
	OneMessageID bool     `toml:"one_message_id"`
	StatusMore   bool     `toml:"status_more"`
	ConfigFirst  bool     `toml:"config_first"`
	TrailingNUL  bool     `toml:"trailing_nul"`
	Once         bool     `toml:"once"`
}

type round struct {
	Ask       []gateway.Ask `toml:"ask"`
	Message   string        `toml:"message"`
	Challenge string        `toml:"challenge"`
}

func groups(list []group) (all []gateway.Group, err error) {
	for _, g := range list {
		id, idErr := g.ID.wire()
		if idErr != nil {
			err = errors.Join(err, fmt.Errorf("group %q: id: %w", g.Name, idErr))
		}
		all = append(all, gateway.Group{Name: g.Name, ID: id, PSK: []byte(g.PSK)})
	}
	return all, err
}

func users(list []user) (all []gateway.User, err error) {
	for _, u := range list {
		id, idErr := u.ID.wire()
		if idErr != nil {
			err = errors.Join(err, fmt.Errorf("user %q: id: %w", u.Name, idErr))
		}
		var passcodes [][]byte
		for _, p := range u.Passcodes {
			passcodes = append(passcodes, []byte(p))
		}
		all = append(all, gateway.User{
			Name: u.Name, ID: id, PSK: []byte(u.PSK), Group: u.Group, VirtualIP: u.VirtualIP,
			Password: []byte(u.Password), Passcodes: passcodes, Answer: []byte(u.Answer), Domain: u.Domain,
		})
	}
	return all, err
}

func (x xauth) config() gateway.XAuth {
	c := gateway.XAuth{
		Retries: x.Retries, LockAfter: x.LockAfter, LockFor: time.Duration(x.LockFor), Welcome: x.Welcome, Type: x.Type,
		OneMessageID: x.OneMessageID, StatusMore: x.StatusMore, ConfigFirst: x.ConfigFirst, TrailingNUL: x.TrailingNUL, Once: x.Once,
	}
	for _, r := range x.Rounds {
		c.Rounds = append(c.Rounds, gateway.Round(r))
	}
	return c
}
