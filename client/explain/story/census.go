package story

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"muvpn/client/explain"
	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// Census counts the failures of many clients' logs by user, profile and Reason.
// Its zero value is empty.
type Census struct {
	groups map[group]*Group
	done   Counted
}

// group is what is counted together.
type group struct {
	user, profile string
	code          reason.Code
	confidence    Confidence
}

// Group is how many logs end in one Reason for one user and profile.
type Group struct {
	User       string      `json:"user,omitempty"`
	Profile    string      `json:"profile,omitempty"`
	Reason     reason.Code `json:"reason,omitempty"` // empty: none; Outcome says how it went
	Outcome    Outcome     `json:"outcome"`
	Confidence Confidence  `json:"confidence"`
	Count      int         `json:"count"`
	Logs       []string    `json:"logs"`
}

// Counted is what a Census has found.
type Counted struct {
	Logs   int      `json:"logs"`
	Groups []*Group `json:"groups"` // the largest first
	// Unread are files that are no log of a client, or of an unknown form.
	Unread  []string `json:"unread,omitempty"`
	LeftOut int      `json:"left_out,omitempty"` // files that were not looked at
}

// Add counts a log: the newest failure in it.
func (c *Census) Add(l *logs.Log) {
	if l.Format != logs.Client {
		c.done.Unread = append(c.done.Unread, l.Name)
		return
	}
	s := Tell(l, nil, nil)
	k := group{user: s.User, profile: s.Profile, confidence: s.Confidence}
	if s.Reason != nil {
		k.code = s.Reason.Code
	}
	if c.groups == nil {
		c.groups = map[group]*Group{}
	}
	g := c.groups[k]
	if g == nil {
		g = &Group{User: s.User, Profile: s.Profile, Reason: k.code, Outcome: s.Outcome, Confidence: s.Confidence}
		c.groups[k] = g
	}
	g.Count++
	g.Logs = append(g.Logs, l.Name)
	c.done.Logs++
}

// Leave counts files that are not looked at.
func (c *Census) Leave(n int) { c.done.LeftOut += n }

// Done is what was found.
func (c *Census) Done() *Counted {
	d := c.done
	for _, g := range c.groups {
		d.Groups = append(d.Groups, g)
	}
	slices.SortFunc(d.Groups, func(a, b *Group) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.User, b.User), cmp.Compare(a.Profile, b.Profile), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Confidence, b.Confidence))
	})
	return &d
}

// Text is the same for a terminal.
func (d *Counted) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Logs of muvpn: %d\n", d.Logs)
	for _, g := range d.Groups {
		what := outcomes[g.Outcome]
		if g.Reason != "" {
			what = string(g.Reason) + ": " + explain.For(g.Reason).What
		}
		b.WriteString(wrapped(strings.Join([]string{cmp.Or(g.User, "(user not known)"), cmp.Or(g.Profile, "(no profile)"), what, "(" + string(g.Confidence) + ")"}, "  "),
			fmt.Sprintf("%5d  ", g.Count), "       "))
		names := g.Logs[:min(len(g.Logs), 3)]
		b.WriteString(wrapped(strings.Join(names, ", ")+more(len(g.Logs)-len(names)), "         ", "         "))
	}
	writeList(&b, "No log of muvpn, or of no form that is known here:", d.Unread)
	if d.LeftOut > 0 {
		fmt.Fprintf(&b, "\n%d files more were not looked at.\n", d.LeftOut)
	}
	return b.String()
}

func more(n int) string {
	if n > 0 {
		return fmt.Sprintf(" and %d more", n)
	}
	return ""
}
