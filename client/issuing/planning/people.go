package planning

import (
	"fmt"
	"time"

	"muvpn/client/issuing"
	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// soon is how long before the end of a profile its user needs the next one: a
// month, so that it comes before a holiday.
const soon = 30 * 24 * time.Hour

// validity looks at what ends, and at what the site says of all.
func (c *checker) validity() {
	if end := c.Site.Expires.End(); !end.IsZero() && !c.Now.Before(end) {
		c.site(Expiry, Fault, "site.expires", c.Site.Expires.Format(time.DateOnly)+" is over", "give a later day, or take the line away")
	} else if c.ends(end) {
		c.site(Expiry, Advice, "site.expires", "the profiles end on "+c.Site.Expires.Format(time.DateOnly), "give a later day and issue again before then")
	}
	if c.Site.Signer == "" {
		c.site(Unsigned, Advice, "site.signer", "profiles are not signed: whoever knows a passphrase can change its file", "make a signer by muvpn admin keygen, and name its file here")
	}
}

// ends says that a day is near.
func (c *checker) ends(end time.Time) bool {
	return !end.IsZero() && c.Now.Before(end) && end.Sub(c.Now) < soon
}

// people looks at the users themselves.
func (c *checker) people() {
	if c.issue == nil {
		return
	}
	for _, u := range c.issue.Users {
		if c.ends(u.Expires) && !u.User.Expires.IsZero() {
			c.at(Expiry, Advice, u, roster.Expires, "the profile ends on "+u.Expires.Format(time.DateOnly), "give a later day and issue again before then")
		}
		if u.Email == "" {
			c.at(NoEmail, Advice, u, roster.Email, "no e-mail address: instructions and profile cannot be sent", "write it into the roster, or hand them over on paper")
		}
		for _, w := range profile.PSKWarnings(u.Secret) {
			c.at(WeakKey, Advice, u, roster.Secret, trimmed(w), c.aboutKey())
		}
		c.system(u)
	}
	if n := c.issue.SharedKeys(); n >= issuing.WiseForCertificates && c.Site.TakesCertificates() {
		c.Add(Finding{Kind: Certificates, Severity: Advice, Part: Roster,
			Wrong: fmt.Sprintf("%d users, each with a shared key to be kept on the gateway and changed by hand", n),
			Do:    fmt.Sprintf("think of certificates: from %d users on they are less work, and nobody can guess them (muvpn admin ca)", issuing.WiseForCertificates)})
	}
}

// aboutKey is what to do about a weak shared key.
func (c *checker) aboutKey() string {
	if c.Site.Profile.AggressivePSK() {
		return "empty the cell to have one made, and change it on the gateway: with Aggressive Mode a short one is guessed offline"
	}
	return "empty the cell to have one made, and change it on the gateway"
}

// trimmed is a sentence without its end, which follows.
func trimmed(s string) string {
	if n := len(s); n > 0 && s[n-1] == '.' {
		return s[:n-1]
	}
	return s
}
