package netcfg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/tailscale/wf"
	"golang.org/x/sys/windows"
	"golang.zx2c4.com/wireguard/windows/tunnel/winipcfg"
)

// What the engine answers when there is nothing to do (winerror.h).
const (
	errFilterNotFound   = syscall.Errno(0x80320003)
	errProviderNotFound = syscall.Errno(0x80320005)
	errSublayerNotFound = syscall.Errno(0x80320007)
	errAlreadyExists    = syscall.Errno(0x80320009)
)

// sublayerWeight puts our sublayers before those of others. Whoever blocks wins,
// but for a permit that an earlier sublayer has made final; so we come first.
const sublayerWeight = 0xffff

// filtering is the Base Filtering Engine of this computer.
type filtering struct{ session *wf.Session }

// filterWith does something with the engine. The session is not a dynamic one:
// what is set in it stays when it is closed and when this process dies.
func filterWith(do func(wall) error) error {
	session, err := wf.New(&wf.Options{Name: "muvpn", Description: "the firewall of muvpn"})
	if err != nil {
		return fmt.Errorf("the filtering engine of Windows: %w", err)
	}
	return errors.Join(do(wall{filtering{session}}), session.Close())
}

// lookShield takes down which shield is in force.
func lookShield() (f Firewall) {
	if err := filterWith(func(w wall) error { f = w.look(); return nil }); err != nil {
		return Firewall{Missing: err.Error()}
	}
	return f
}

// windowsGUID is a key as Windows has it.
func windowsGUID(g guid) windows.GUID {
	return windows.GUID{Data1: binary.BigEndian.Uint32(g[:4]), Data2: binary.BigEndian.Uint16(g[4:6]),
		Data3: binary.BigEndian.Uint16(g[6:8]), Data4: [8]byte(g[8:])}
}

// keyOf is the key that Windows has in that form.
func keyOf(w windows.GUID) (g guid) {
	binary.BigEndian.PutUint32(g[:4], w.Data1)
	binary.BigEndian.PutUint16(g[4:6], w.Data2)
	binary.BigEndian.PutUint16(g[6:8], w.Data3)
	copy(g[8:], w.Data4[:])
	return g
}

// ourProvider is the key of our provider.
func ourProvider() wf.ProviderID { return wf.ProviderID(windowsGUID(key(keyProvider, 0, 0))) }

// The provider is always persistent, or no persistent filter could be its own.
func (e filtering) addProvider() error {
	return unless(errAlreadyExists, e.session.AddProvider(&wf.Provider{ID: ourProvider(), Name: "muvpn", Persistent: true}))
}

func (e filtering) deleteProvider() error {
	return unless(errProviderNotFound, e.session.DeleteProvider(ourProvider()))
}

func (e filtering) sublayers() ([]sublayer, error) {
	found, err := e.session.Sublayers(ourProvider())
	if err != nil {
		return nil, err
	}
	var out []sublayer
	for _, s := range found {
		if s.Provider == ourProvider() {
			out = append(out, sublayer{Key: keyOf(windows.GUID(s.ID)), Name: s.Name, Persistent: s.Persistent, Data: s.ProviderData})
		}
	}
	return out, nil
}

func (e filtering) addSublayer(s sublayer) error {
	return unless(errAlreadyExists, e.session.AddSublayer(&wf.Sublayer{ID: wf.SublayerID(windowsGUID(s.Key)), Name: s.Name,
		Persistent: s.Persistent, Provider: ourProvider(), ProviderData: s.Data, Weight: sublayerWeight}))
}

func (e filtering) deleteSublayer(key guid) error {
	return unless(errSublayerNotFound, e.session.DeleteSublayer(wf.SublayerID(windowsGUID(key))))
}

func (e filtering) filters() ([]guid, error) {
	rules, err := e.session.Rules()
	if err != nil {
		return nil, err
	}
	var out []guid
	for _, r := range rules {
		if r.Provider == ourProvider() {
			out = append(out, keyOf(windows.GUID(r.ID)))
		}
	}
	return out, nil
}

// addFilter has what blocks be final, so that no later filter of another's can
// overrule it, and what passes not, so that the other of our sublayers and the
// computer's own firewall are asked as well.
func (e filtering) addFilter(key, sublayer guid, f filter) error {
	matches, err := matchesOf(f)
	if err != nil {
		return err
	}
	r := &wf.Rule{ID: wf.RuleID(windowsGUID(key)), Name: "muvpn: " + f.Why, Layer: layerIDs[f.Layer], Sublayer: wf.SublayerID(windowsGUID(sublayer)),
		Weight: uint64(f.Weight), Conditions: matches, Action: wf.ActionBlock, HardAction: true, Persistent: f.Persistent, Provider: ourProvider()}
	if f.Pass {
		r.Action, r.HardAction = wf.ActionPermit, false
	}
	return unless(errAlreadyExists, e.session.AddRule(r))
}

func (e filtering) deleteFilter(key guid) error {
	return unless(errFilterNotFound, e.session.DeleteRule(wf.RuleID(windowsGUID(key))))
}

// layerIDs and fieldIDs are the names that a filter has.
var (
	layerIDs = map[string]wf.LayerID{
		"CONNECT_V4": wf.LayerALEAuthConnectV4, "CONNECT_V6": wf.LayerALEAuthConnectV6,
		"RECV_ACCEPT_V4": wf.LayerALEAuthRecvAcceptV4, "RECV_ACCEPT_V6": wf.LayerALEAuthRecvAcceptV6,
	}
	fieldIDs = map[string]wf.FieldID{
		"FLAGS": wf.FieldFlags, "IP_LOCAL_INTERFACE": wf.FieldIPLocalInterface, "ALE_APP_ID": wf.FieldALEAppID,
		"IP_PROTOCOL": wf.FieldIPProtocol, "IP_LOCAL_PORT": wf.FieldIPLocalPort, "IP_REMOTE_PORT": wf.FieldIPRemotePort,
		"IP_LOCAL_ADDRESS": wf.FieldIPLocalAddress, "IP_REMOTE_ADDRESS": wf.FieldIPRemoteAddress,
	}
)

// matchesOf are the conditions of a filter for the engine.
func matchesOf(f filter) ([]*wf.Match, error) {
	var out []*wf.Match
	for _, c := range f.Conditions {
		m := &wf.Match{Field: fieldIDs[c.Field], Op: wf.MatchTypeEqual, Value: c.Value}
		var err error
		switch c.Field {
		case "FLAGS":
			m.Op, m.Value = wf.MatchTypeFlagsAllSet, wf.ConditionFlagIsLoopback
		case "IP_LOCAL_INTERFACE":
			m.Value, err = luidOf(fmt.Sprint(c.Value))
		case "ALE_APP_ID":
			m.Value, err = ownAppID()
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// luidOf is what the engine knows an interface by: a number that no other one
// has as long as the computer runs.
func luidOf(link string) (uint64, error) {
	i, err := net.InterfaceByName(link)
	if err != nil {
		return 0, fmt.Errorf("interface %s: %w", link, err)
	}
	luid, err := winipcfg.LUIDFromIndex(uint32(i.Index))
	return uint64(luid), err
}

// ownAppID is what the engine knows this program by: the device and path of its
// file, in lower case.
func ownAppID() (string, error) {
	file, err := os.Executable()
	if err != nil {
		return "", err
	}
	return wf.AppID(file)
}
