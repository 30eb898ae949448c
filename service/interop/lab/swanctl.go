package lab

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// IKESA is one Phase 1 as `swanctl --list-sas --raw` shows it.
type IKESA struct {
	State                      string
	InitiatorSPI, ResponderSPI string // the cookies, hexadecimal
	Encryption, Integrity      string
	Group                      string
	RemoteHost                 string
	Children                   []ChildSA
}

// ChildSA is one SA pair, seen from the gateway: In is what the client sends.
type ChildSA struct {
	Name, State           string
	SPIIn, SPIOut         uint32
	BytesIn, BytesOut     uint64
	PacketsIn, PacketsOut uint64
	Encryption, Integrity string
	Group                 string // of PFS
	Encap                 bool
	Network               netip.Prefix // behind the gateway, the first of several
}

// node is one section of swanctl's raw output: values, and sections in order.
type node struct {
	name     string
	values   map[string]string
	sections []*node
}

// parseSAs reads the raw output of `swanctl --list-sas`.
func parseSAs(text string) ([]IKESA, error) {
	root, err := parseRaw(text)
	if err != nil {
		return nil, err
	}
	var sas []IKESA
	for _, event := range root.sections {
		for _, sa := range event.sections {
			ike, err := sa.ikeSA()
			if err != nil {
				return nil, err
			}
			sas = append(sas, ike)
		}
	}
	return sas, nil
}

// parseRaw reads `name {key=value name {…}}` into a tree. Values hold no
// blanks but in the words before a top-level section and in lists, where they
// do no harm.
func parseRaw(text string) (*node, error) {
	spaced := strings.NewReplacer("{", " { ", "}", " } ").Replace(text)
	root := &node{values: map[string]string{}}
	stack := []*node{root}
	name := ""
	for _, word := range strings.Fields(spaced) {
		top := stack[len(stack)-1]
		switch key, value, assigned := strings.Cut(word, "="); {
		case word == "{":
			section := &node{name: name, values: map[string]string{}}
			top.sections = append(top.sections, section)
			stack = append(stack, section)
		case word == "}" && len(stack) == 1:
			return nil, fmt.Errorf("swanctl: a } too many")
		case word == "}":
			stack = stack[:len(stack)-1]
		case assigned:
			top.values[key] = value
		default:
			name = word
		}
	}
	if len(stack) != 1 {
		return nil, fmt.Errorf("swanctl: output ends inside a section")
	}
	return root, nil
}

// ikeSA reads one IKE SA's section.
func (n *node) ikeSA() (IKESA, error) {
	v := n.values
	ike := IKESA{
		State: v["state"], InitiatorSPI: v["initiator-spi"], ResponderSPI: v["responder-spi"],
		Encryption: v["encr-alg"], Integrity: v["integ-alg"], Group: v["dh-group"],
		RemoteHost: v["remote-host"],
	}
	if ike.Integrity == "" {
		ike.Integrity = v["prf-alg"]
	}
	for _, list := range n.sections {
		for _, section := range list.sections {
			child, err := section.childSA()
			if err != nil {
				return ike, err
			}
			ike.Children = append(ike.Children, child)
		}
	}
	return ike, nil
}

// childSA reads one child's section.
func (n *node) childSA() (ChildSA, error) {
	v := n.values
	child := ChildSA{
		Name: v["name"], State: v["state"], Encryption: v["encr-alg"],
		Integrity: v["integ-alg"], Group: v["dh-group"], Encap: v["encap"] == "yes",
	}
	if err := child.Network.UnmarshalText([]byte(strings.Trim(v["local-ts"], "[]"))); err != nil {
		return child, fmt.Errorf("swanctl: local-ts: %w", err)
	}
	for key, at := range map[string]*uint32{"spi-in": &child.SPIIn, "spi-out": &child.SPIOut} {
		spi, err := strconv.ParseUint(v[key], 16, 32)
		if err != nil {
			return child, fmt.Errorf("swanctl: %s: %w", key, err)
		}
		*at = uint32(spi)
	}
	for key, at := range map[string]*uint64{
		"bytes-in": &child.BytesIn, "bytes-out": &child.BytesOut,
		"packets-in": &child.PacketsIn, "packets-out": &child.PacketsOut,
	} {
		count, err := strconv.ParseUint(v[key], 10, 64)
		if err != nil {
			return child, fmt.Errorf("swanctl: %s: %w", key, err)
		}
		*at = count
	}
	return child, nil
}
