package netcfg

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fakePF is a pf in memory, as far as pfctl shows it.
type fakePF struct {
	main    string
	anchors map[string]string
	tokens  []string // references that are held
	made    int      // references that were ever given
	orders  []string
	fail    string // how an order begins that fails
}

// stockPF is pf as macOS starts it: disabled, with the rules of its pf.conf.
func stockPF() *fakePF {
	return &fakePF{main: "scrub-anchor \"com.apple/*\" all fragment reassemble\nanchor \"com.apple/*\" all\n",
		anchors: map[string]string{"com.apple/250.ApplicationFirewall": "pass in quick all\n"}}
}

func (f *fakePF) pfctl(input string, args ...string) (string, error) {
	order := strings.Join(args, " ")
	f.orders = append(f.orders, order)
	if f.fail != "" && strings.HasPrefix(order, f.fail) {
		return "", errFake
	}
	switch {
	case order == "-s rules":
		return f.main, nil
	case order == "-s info":
		return map[bool]string{true: "Status: Enabled for 0 days", false: "Status: Disabled"}[len(f.tokens) > 0], nil
	case order == "-F states":
		return "3 states cleared\n", nil
	case order == "-E":
		f.made++
		f.tokens = append(f.tokens, strings.Repeat("7", f.made))
		return "No ALTQ support in kernel\npf enabled\nToken : " + strings.Repeat("7", f.made) + "\n", nil
	case args[0] == "-X":
		i := slices.Index(f.tokens, args[1])
		if i < 0 {
			return "", errors.New("pfctl: invalid token")
		}
		f.tokens = slices.Delete(f.tokens, i, i+1)
		return "", nil
	case args[0] == "-a" && args[2] == "-f":
		f.anchors[args[1]] = input
		return "", nil
	case args[0] == "-a" && args[2] == "-F":
		delete(f.anchors, args[1])
		return "rules cleared\n", nil
	}
	return f.anchors[args[1]], nil
}

// on is the firewall on a fake that was started for the n-th time.
func (f *fakePF) on(folder, boot string) pf {
	return pf{run: f.pfctl, token: filepath.Join(folder, "pf.token"), boot: boot}
}

func TestPfSetsAndTakesAway(t *testing.T) {
	f := stockPF()
	others := f.anchors["com.apple/250.ApplicationFirewall"]
	p := f.on(t.TempDir(), "first")
	s := firewalls()["kill switch, no tunnel"]
	if got := p.look(); got.How != howPF || got.Text != "" || got.Untried == "" {
		t.Errorf("before: %+v", got)
	}
	if err := p.apply(&s); err != nil {
		t.Fatal(err)
	}
	if got := p.look(); got.Text != s.digest() || f.anchors[pfAnchor] != s.PF() {
		t.Errorf("set: %+v", got)
	}
	if info, err := os.Stat(p.token); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token: %v, %v", info, err)
	}
	tunnel := firewalls()["kill switch, full tunnel"]
	if err := p.apply(&tunnel); err != nil || p.look().Text != tunnel.digest() || len(f.tokens) != 1 {
		t.Errorf("another: %v, %q, references %v", err, p.look().Text, f.tokens)
	}
	for range 2 { // undoing what is undone is no error
		if err := p.undo(); err != nil {
			t.Error(err)
		}
	}
	_, ours := f.anchors[pfAnchor]
	if ours || len(f.tokens) != 0 || f.anchors["com.apple/250.ApplicationFirewall"] != others {
		t.Errorf("left is %v, references %v", f.anchors, f.tokens)
	}
	if _, err := os.Stat(p.token); err == nil {
		t.Error("the token is still on the disk")
	}
}

// The rules are there before pf is enabled, and states are forgotten after;
// undoing goes the other way round. A new set of rules replaces the old one in
// one order: nothing is flushed between.
func TestPfOrder(t *testing.T) {
	f := stockPF()
	p := f.on(t.TempDir(), "first")
	s := firewalls()["kill switch, no tunnel"]
	for range 2 {
		if err := p.apply(&s); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.undo(); err != nil {
		t.Fatal(err)
	}
	orders := slices.DeleteFunc(f.orders, func(o string) bool { return strings.HasPrefix(o, "-s") })
	want := []string{"-a " + pfAnchor + " -f -", "-E", "-F states", "-a " + pfAnchor + " -f -", "-F states",
		"-a " + pfAnchor + " -F rules", "-X 7"}
	if !slices.Equal(orders, want) {
		t.Errorf("orders are %q, want %q", orders, want)
	}
}

func TestPfOverCrashAndStart(t *testing.T) {
	f := stockPF()
	folder := t.TempDir()
	s := firewalls()["kill switch, no tunnel"]
	if err := f.on(folder, "first").apply(&s); err != nil {
		t.Fatal(err)
	}
	if err := f.on(folder, "first").apply(&s); err != nil || f.made != 1 {
		t.Errorf("after a crash: %v, %d references", err, f.made)
	}
	f.tokens = nil
	if f.on(folder, "first").look().Text != "" {
		t.Error("a pf that somebody has disabled blocks nothing")
	}
	if err := f.on(folder, "first").apply(&s); err != nil || len(f.tokens) != 1 {
		t.Errorf("disabled by somebody: %v, references %v", err, f.tokens)
	}
	made := f.made
	f.tokens, f.anchors = nil, map[string]string{} // the computer starts anew
	if err := f.on(folder, "second").undo(); err != nil {
		t.Errorf("an old token is given back: %v", err)
	}
	if err := f.on(folder, "second").apply(&s); err != nil || f.made != made+1 || f.on(folder, "second").look().Text != s.digest() {
		t.Errorf("after a start: %v, %d references", err, f.made)
	}
}

// Without the call of com.apple nothing of ours would be asked: that is said, not
// believed. The rules are there for when it comes.
func TestPfThatDoesNotCall(t *testing.T) {
	f := stockPF()
	called := f.main
	f.main = "scrub-anchor \"com.apple/*\" all fragment reassemble\npass all\n"
	p := f.on(t.TempDir(), "first")
	s := firewalls()["kill switch, no tunnel"]
	if got := p.look(); got.How != "" || got.Missing == "" {
		t.Errorf("%+v", got)
	}
	if err := p.apply(&s); !errors.Is(err, errNotCalled) {
		t.Errorf("setting: %v", err)
	}
	f.main = called
	if got := p.look(); got.Text != s.digest() {
		t.Errorf("when it is called: %+v", got)
	}
}

func TestPfThatFails(t *testing.T) {
	s := firewalls()["kill switch, no tunnel"]
	for _, order := range []string{"-a " + pfAnchor + " -f", "-E", "-F states", "-s rules"} {
		f := stockPF()
		f.fail = order
		if err := f.on(t.TempDir(), "first").apply(&s); !errors.Is(err, errFake) {
			t.Errorf("%s fails: %v", order, err)
		}
	}
	f := stockPF()
	f.fail = "-s rules"
	if got := f.on(t.TempDir(), "first").look(); got.How != "" || got.Missing == "" {
		t.Errorf("without privileges: %+v", got)
	}
}

// pfLine is pf.conf(5)'s grammar of a rule, as far as we use it: action,
// direction, quick, interface, family, protocol, hosts, options.
var pfLine = regexp.MustCompile(`^(pass|block drop) (in|out) quick( on [a-z0-9]+)?( inet6)?( proto (tcp|udp|esp|icmp6))?` +
	`( all| from [0-9a-f.:/]+( port \d+)?| from any( port \d+)?)( to [0-9a-f.:/]+( port \d+)?| to any( port \d+)?)?` +
	`( icmp6-type \d+)?( user root)?( no state| keep state)?( label "[a-z0-9-]{1,63}")? # [A-Za-z0-9 ]+$`)

func TestPfGrammar(t *testing.T) {
	for name, s := range firewalls() {
		for line := range strings.Lines(s.PF()) {
			line = strings.TrimSuffix(line, "\n")
			m := pfLine.FindStringSubmatch(line)
			switch {
			case m == nil:
				t.Errorf("%s: pfctl would not take %q", name, line)
			case strings.Contains(line, " port ") && m[6] != "tcp" && m[6] != "udp",
				strings.Contains(line, " user ") && m[6] != "tcp" && m[6] != "udp",
				strings.Contains(line, "icmp6-type") && (m[6] != "icmp6" || m[4] == ""),
				m[1] != "pass" && strings.Contains(line, " state"):
				t.Errorf("%s: pfctl refuses the combination in %q", name, line)
			case m[1] == "pass" && !strings.Contains(line, " state"):
				t.Errorf("%s: pfctl keeps a state by default: %q", name, line)
			}
		}
	}
}
