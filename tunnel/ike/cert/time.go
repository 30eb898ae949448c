package cert

import (
	"crypto/x509"
	"fmt"
	"time"

	"muvpn/client/reason"
	"muvpn/profile/dn"
)

// soon is how long before its end a certificate is spoken of.
const soon = 30 * 24 * time.Hour

const moment = "2006-01-02 15:04 MST"

// Own judges our own certificate at now, before it is shown to anybody.
func Own(c *x509.Certificate, now time.Time) *reason.Reason {
	if outside(c, now) {
		return outOfTime("our certificate "+dn.String(c.RawSubject), c, now)
	}
	return nil
}

// outside says that now is not in the validity of c.
func outside(c *x509.Certificate, now time.Time) bool {
	return now.Before(c.NotBefore) || now.After(c.NotAfter)
}

// outOfTime is the Reason for a certificate that is not valid at now. One whose
// time has not come shows a clock that is slow rather than a certificate of the
// future: whoever made it did so in his past.
func outOfTime(whose string, c *x509.Certificate, now time.Time) *reason.Reason {
	if now.Before(c.NotBefore) {
		return refuse(reason.Clock, "date and time to be right here, or a certificate whose time has come",
			"%s is valid from %s on, and this computer's clock says %s", whose, utc(c.NotBefore), utc(now))
	}
	return refuse(reason.CertExpired, "a certificate that is valid now", "%s expired on %s; this computer's clock says %s",
		whose, utc(c.NotAfter), utc(now))
}

func utc(t time.Time) string { return t.UTC().Format(moment) }

// Expiring warns of a certificate that will have expired in 30 days; empty: it
// serves longer.
func Expiring(whose string, c *x509.Certificate, now time.Time) string {
	if now.Add(soon).Before(c.NotAfter) {
		return ""
	}
	return fmt.Sprintf("%s certificate %s expires on %s", whose, dn.String(c.RawSubject), utc(c.NotAfter))
}
