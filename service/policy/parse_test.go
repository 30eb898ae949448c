package policy

import (
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"testing"

	"muvpn/profile/store"
)

// key is the public key of somebody.
func key(name string) store.Signer {
	seed := sha256.Sum256([]byte(name))
	return store.Signer(ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
}

// text is the same in base64.
func text(name string) string {
	b, _ := key(name).MarshalText()
	return string(b)
}

// is holds a policy against what it should demand, its signers as names, and
// against words of its faults, in their order.
func is(t *testing.T, p, want Policy, signers []string, faults ...string) {
	t.Helper()
	for _, name := range signers {
		want.Signers = append(want.Signers, key(name))
	}
	want = want.and(Policy{})
	got := p
	got.Faults = nil
	if !got.Equal(want) {
		t.Errorf("it demands %v, want %v", got, want)
	}
	if len(p.Faults) != len(faults) {
		t.Fatalf("its faults are %q, want %q", p.Faults, faults)
	}
	for i, words := range faults {
		if !strings.Contains(p.Faults[i], words) {
			t.Errorf("fault %d is %q, want %q", i, p.Faults[i], words)
		}
	}
}

var everything = Policy{Pinned: true, KillSwitch: true, ReadOnly: true}

func TestParseFile(t *testing.T) {
	alice, bob := text("alice"), text("bob")
	for name, c := range map[string]struct {
		text    string
		want    Policy
		signers []string
		faults  []string
	}{
		"empty":                 {},
		"only a comment":        {text: "# nothing yet\n"},
		"kill switch":           {text: "kill_switch = true", want: Policy{KillSwitch: true}},
		"read-only":             {text: "read_only = true", want: Policy{ReadOnly: true}},
		"nothing, in words":     {text: "kill_switch = false\nread_only = false"},
		"signers":               {text: "signers = ['" + alice + "', '" + bob + "']", want: Policy{Pinned: true}, signers: []string{"alice", "bob"}},
		"a signer twice":        {text: "signers = ['" + alice + "', ' " + alice + "\t']", want: Policy{Pinned: true}, signers: []string{"alice"}},
		"nobody":                {text: "signers = []", want: Policy{Pinned: true}},
		"all":                   {text: "signers = ['" + bob + "']\nkill_switch = true\nread_only = true", want: everything, signers: []string{"bob"}},
		"a bad key":             {text: "signers = ['" + alice + "', 'nonsense']", want: Policy{Pinned: true}, signers: []string{"alice"}, faults: []string{`signers: "nonsense" is not an Ed25519 key`}},
		"no list":               {text: "signers = '" + alice + "'", want: Policy{Pinned: true}, faults: []string{"is no list"}},
		"a list of numbers":     {text: "signers = [1]", want: Policy{Pinned: true}, faults: []string{`"1" is not an Ed25519 key`}},
		"a flag of text":        {text: "kill_switch = 'no'", want: Policy{KillSwitch: true}, faults: []string{"kill_switch is no, which is neither yes nor no"}},
		"a flag of a number":    {text: "read_only = 0", want: Policy{ReadOnly: true}, faults: []string{"read_only is 0"}},
		"a rule misspelt":       {text: "kill_swich = true", want: everything, faults: []string{`no rule "kill_swich"`}},
		"a profile's [policy]":  {text: "[policy]\nread_only = false", want: everything, faults: []string{`no rule "policy"`}},
		"not TOML":              {text: "kill_switch = ", want: everything, faults: []string{"cannot be read"}},
		"two faults, each said": {text: "kill_switch = 2\nsigners = 3", want: Policy{Pinned: true, KillSwitch: true}, faults: []string{"kill_switch", "signers"}},
	} {
		t.Run(name, func(t *testing.T) {
			is(t, parseFile("/etc/muvpn/policy.toml", []byte(c.text)), c.want, c.signers, c.faults...)
		})
	}
	is(t, parseFile("/etc/muvpn/policy.toml", nil), Policy{}, nil)
}

// The registry has numbers for flags and values of any name for a list.
func TestParseRegistry(t *testing.T) {
	for name, c := range map[string]struct {
		values  map[string]any
		want    Policy
		signers []string
		faults  []string
	}{
		"nothing":   {},
		"enabled":   {values: map[string]any{"KillSwitch": uint32(1), "ReadOnly": uint32(1)}, want: Policy{KillSwitch: true, ReadOnly: true}},
		"disabled":  {values: map[string]any{"KillSwitch": uint32(0), "ReadOnly": uint32(0)}},
		"list":      {values: map[string]any{"PinnedSigners": []any{text("bob"), text("alice")}}, want: Policy{Pinned: true}, signers: []string{"alice", "bob"}},
		"number":    {values: map[string]any{"KillSwitch": uint32(2)}, want: Policy{KillSwitch: true}, faults: []string{`HKLM\Software\Policies\muvpn: KillSwitch is 2`}},
		"type":      {values: map[string]any{"ReadOnly": "a value of another type"}, want: Policy{ReadOnly: true}, faults: []string{"ReadOnly is a value of another type"}},
		"text":      {values: map[string]any{"ReadOnly": "1"}, want: Policy{ReadOnly: true}, faults: []string{"ReadOnly is 1"}},
		"bad entry": {values: map[string]any{"PinnedSigners": []any{uint32(1)}}, want: Policy{Pinned: true}, faults: []string{"PinnedSigners"}},
	} {
		t.Run(name, func(t *testing.T) {
			names := RegistryNames()
			names.Source = `HKLM\` + names.Source
			is(t, names.parse(c.values), c.want, c.signers, c.faults...)
		})
	}
}

func TestParseSigners(t *testing.T) {
	is(t, parseSigners("signers", nil), Policy{}, nil)
	is(t, parseSigners("signers", []byte{}), Policy{Pinned: true}, nil)
	is(t, parseSigners("signers", []byte("# Example Ltd\r\n\r\n"+text("alice")+" # 2026\n\n  "+text("bob")+"\n")), Policy{Pinned: true}, []string{"alice", "bob"})
	is(t, parseSigners("signers", []byte("nonsense\n"+text("alice"))), Policy{Pinned: true}, []string{"alice"}, `signers, line 1: "nonsense"`)
	is(t, parseSigners("signers", []byte(text("alice")+"\n"+strings.Repeat("x", 1<<17))), Policy{Pinned: true}, []string{"alice"}, "cannot be read to its end")
}

// Two sources demand together what either does, and their signers count alike.
func TestStricterOfTwo(t *testing.T) {
	a := Policy{Pinned: true, Signers: []store.Signer{key("bob"), key("alice")}, Faults: []string{"a"}}
	b := Policy{Pinned: true, Signers: []store.Signer{key("alice")}, KillSwitch: true, Faults: []string{"b"}}
	is(t, a.and(b), Policy{Pinned: true, KillSwitch: true}, []string{"alice", "bob"}, "a", "b")
	is(t, b.and(a), Policy{Pinned: true, KillSwitch: true}, []string{"alice", "bob"}, "b", "a")
	is(t, Policy{}.and(Policy{Pinned: true}), Policy{Pinned: true}, nil)
	is(t, Policy{ReadOnly: true}.and(Policy{}), Policy{ReadOnly: true}, nil)
	if a.and(b).Equal(a) || !a.and(a).Equal(a.and(a)) {
		t.Error("what differs is equal, or what is equal differs")
	}
}

func TestString(t *testing.T) {
	for want, p := range map[string]Policy{
		"nothing": {},
		"pinned signers (nobody), the kill switch, read-only profiles": everything,
		"pinned signers (" + key("alice").Fingerprint() + ")":          {Pinned: true, Signers: []store.Signer{key("alice")}},
	} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
