package netcfg

import (
	"fmt"
	"net/netip"
	"strings"
)

// filter is one of the Windows Filtering Platform. Layer, action and conditions
// have the names that fwpmu.h has for them.
type filter struct {
	Layer  string // after FWPM_LAYER_ALE_AUTH_
	Pass   bool
	Weight int // among the filters of one shield the highest that fits decides
	// Persistent says that it is still there after the computer was started
	// anew. A way through the tunnel never is: the number of its interface may
	// be another's by then.
	Persistent bool
	Conditions []condition
	Why        string
}

// condition is one of a filter: uint8, uint16 or netip.Prefix. The value of
// FLAGS, IP_LOCAL_INTERFACE and ALE_APP_ID is a word that stands for what only
// the system knows.
type condition struct {
	Field string
	Value any
}

// ourProgram stands for the file that this process was started from.
const ourProgram = "muvpnd.exe"

// isLoopback is the only flag that is asked for.
const isLoopback = "FWP_CONDITION_FLAG_IS_LOOPBACK"

// filters are the shield for the Windows Filtering Platform, in the order of
// their weight. Our own packets are known by the program that sends them; the
// platform lets the answers to what it has let out in by itself.
func (s Shield) filters() []filter {
	var out []filter
	rules := s.Rules()
	for i, r := range rules {
		for _, layer := range r.layers() {
			out = append(out, filter{Layer: layer, Pass: r.Pass, Weight: len(rules) - i,
				Persistent: s.Block && r.Link == "", Conditions: r.conditions(), Why: r.Why})
		}
	}
	return out
}

// WFP are these filters in words, one a line.
func (s Shield) WFP() string {
	var b strings.Builder
	for _, f := range s.filters() {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// layers are where a rule is asked: for connections out and in, of each family
// that it can be about.
func (r Rule) layers() []string {
	if r.Own && r.In {
		return nil
	}
	way := "CONNECT"
	if r.In {
		way = "RECV_ACCEPT"
	}
	for _, n := range []interface{ Is4() bool }{r.Net.Addr(), r.To.Addr(), r.As.Addr()} {
		if n.Is4() {
			return []string{way + "_V4"}
		}
	}
	if r.Net.IsValid() || r.To.IsValid() || r.As.IsValid() || r.Proto == protoICMPv6 {
		return []string{way + "_V6"}
	}
	return []string{way + "_V4", way + "_V6"}
}

// conditions are what must hold for a rule. A type of ICMP stands in the place
// of the local port; all addresses are no condition, as the layer is of one
// family.
func (r Rule) conditions() []condition {
	var out []condition
	add := func(is bool, name string, value any) {
		if is {
			out = append(out, condition{name, value})
		}
	}
	narrow := func(n netip.Prefix) bool { return n.IsValid() && n.Bits() > 0 }
	far, near := r.At, r.From
	if r.In {
		far, near = near, far
	}
	add(r.Loopback, "FLAGS", isLoopback)
	add(r.Link != "", "IP_LOCAL_INTERFACE", r.Link)
	add(r.Own, "ALE_APP_ID", ourProgram)
	add(r.Proto != 0, "IP_PROTOCOL", r.Proto)
	add(r.ICMP != 0, "IP_LOCAL_PORT", uint16(r.ICMP))
	add(narrow(r.Net), "IP_REMOTE_ADDRESS", r.Net)
	add(narrow(r.To), "IP_LOCAL_ADDRESS", r.To)
	add(narrow(r.As), "IP_LOCAL_ADDRESS", r.As)
	add(near != 0, "IP_LOCAL_PORT", near)
	add(far != 0, "IP_REMOTE_PORT", far)
	return out
}

// String says the filter in one line.
func (f filter) String() string {
	words := []string{fmt.Sprintf("%3d FWPM_LAYER_ALE_AUTH_%s", f.Weight, f.Layer), "FWP_ACTION_BLOCK"}
	if f.Pass {
		words[1] = "FWP_ACTION_PERMIT"
	}
	if f.Persistent {
		words = append(words, "FWPM_FILTER_FLAG_PERSISTENT")
	}
	for _, c := range f.Conditions {
		words = append(words, fmt.Sprintf("%s=%v", c.Field, c.Value))
	}
	return strings.Join(words, " ") + " # " + f.Why
}
