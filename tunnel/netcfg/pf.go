package netcfg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// pfAnchor is where our rules are. The pf.conf that macOS comes with evaluates
// every anchor below com.apple, in the order of their names, so that no file of
// the system has to be edited, and ours is the first: a quick rule of another
// anchor cannot let pass what ours would drop.
const pfAnchor = "com.apple/000.muvpn"

// pfCall is how the main rules call it.
const pfCall = `anchor "com.apple/*"`

// howPF is the firewall of macOS.
const howPF = "pf"

// errNotCalled is that rules are loaded that nothing evaluates.
var errNotCalled = errors.New("the main rules of pf do not evaluate the anchors com.apple/*, as those of /etc/pf.conf that macOS comes with do")

// pf is the firewall of macOS by pfctl(8), which is asked by run and gets rules
// by its input only. token is the file with the reference that keeps pf enabled
// on our behalf, boot tells the starts of the computer apart: no rule and no
// reference outlives one.
type pf struct {
	run   func(input string, args ...string) (string, error)
	token string
	boot  string
}

// look takes down which shield is in force. Text is its digest; none is in
// force while pf is disabled or does not call our anchor.
func (p pf) look() Firewall {
	main, err := p.run("", "-s", "rules")
	if err != nil {
		return Firewall{Missing: fmt.Sprintf("pf cannot be used (%v)", err)}
	}
	if !called(main) {
		return Firewall{Missing: errNotCalled.Error()}
	}
	f := Firewall{How: howPF, Untried: "macOS"}
	ours, err := p.run("", "-a", pfAnchor, "-s", "rules")
	if err != nil || !p.enabled() {
		return f
	}
	_, after, _ := strings.Cut(ours, `label "muvpn-`)
	f.Text, _, _ = strings.Cut(after, `"`)
	return f
}

// called says that the main rules evaluate our anchor; those for scrubbing, which
// pf lists with them, are no filter.
func called(main string) bool {
	for line := range strings.Lines(main) {
		if strings.HasPrefix(strings.TrimSpace(line), pfCall) {
			return true
		}
	}
	return false
}

// enabled says that pf does anything at all.
func (p pf) enabled() bool {
	info, err := p.run("", "-s", "info")
	return err == nil && strings.Contains(info, "Status: Enabled")
}

// apply puts a shield in the place of the rules of ours. pf exchanges the rules
// of an anchor as one: there is no moment without the old or the new ones. What
// others keep states of would pass whatever the rules say, so that all states
// are forgotten; those of our own come back with the next packet.
//
// Rules that are not called yet stay: a starting macOS loads its pf.conf when it
// comes to it, and finds ours there.
func (p pf) apply(s *Shield) error {
	if _, err := p.run(s.PF(), "-a", pfAnchor, "-f", "-"); err != nil {
		return err
	}
	if err := p.enable(); err != nil {
		return err
	}
	if _, err := p.run("", "-F", "states"); err != nil {
		return err
	}
	main, err := p.run("", "-s", "rules")
	if err == nil && !called(main) {
		err = errNotCalled
	}
	return err
}

// enable has pf enabled on our behalf, once for each start of the computer
// unless somebody has disabled it for all since. The reference is kept on the
// disk; one that is lost in a crash before that leaves pf enabled, which does
// nothing without rules.
func (p pf) enable() error {
	if p.held() != "" && p.enabled() {
		return nil
	}
	out, err := p.run("", "-E")
	if err != nil {
		return err
	}
	_, after, _ := strings.Cut(out, "Token :")
	token, _, _ := strings.Cut(strings.TrimSpace(after), "\n")
	if token == "" {
		return nil // it is enabled, and nothing has to be given back
	}
	return replaceFile(p.token, []byte(p.boot+"\n"+token+"\n"), 0o600)
}

// held is the reference that we hold since this start of the computer.
func (p pf) held() string {
	text, err := os.ReadFile(p.token)
	if err != nil {
		return ""
	}
	boot, token, _ := strings.Cut(string(text), "\n")
	if boot != p.boot {
		return ""
	}
	return strings.TrimSpace(token)
}

// undo takes our rules away and gives the reference back, in this order. The
// file goes before the reference does: one that is given back twice is refused.
func (p pf) undo() error {
	if _, err := p.run("", "-a", pfAnchor, "-F", "rules"); err != nil {
		return err
	}
	token := p.held()
	if err := os.Remove(p.token); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if token == "" {
		return nil
	}
	_, err := p.run("", "-X", token)
	return err
}
