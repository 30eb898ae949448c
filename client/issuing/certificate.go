package issuing

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"muvpn/client/issuing/roster"
	"muvpn/profile"
	"muvpn/profile/dn"
)

const (
	// userYears is how long a certificate is good whose user's profile never
	// ends: a little less than a computer lives.
	userYears = 3
	// renewal is how long before its end a certificate is made anew; users are
	// told of the end by muvpn 30 days before it.
	renewal = 60 * 24 * time.Hour
)

// certified says that the user of a profile has a certificate.
func certified(p profile.Profile) bool { return p.Auth.Method == "rsa" }

// NeedsAuthority says that somebody in a roster has a certificate, or had one
// that has not ended: the list of revoked ones is kept until then.
func (s *Site) NeedsAuthority(list roster.List, state State, now time.Time) bool {
	return s.certifies(list) || state.outstanding(now)
}

// certifies says that somebody in a roster has a certificate.
func (s *Site) certifies(list roster.List) bool {
	return slices.ContainsFunc(list.Users, func(u roster.User) bool { return s.method(u) == "rsa" })
}

// method is how a user proves who he is.
func (s *Site) method(u roster.User) string { return cmp.Or(u.Method, s.Profile.Auth.Method, "psk") }

// wanted is a certificate that is to be made. The zero value is none.
type wanted struct {
	bearer bearer
	until  time.Time
	mark   string
}

// made is a certificate that was made.
type made struct {
	pkcs12 profile.Secret // in base64
	record Certificate
}

// authority begins with another authority: what the last one has made is nothing
// to it.
func (m *maker) authority() {
	state := &m.issue.State
	if m.Authority == nil || state.MadeBy(m.Authority) {
		return
	}
	for name, r := range state.Users {
		r.Certificates = nil
		state.Users[name] = r
	}
	state.Authority, state.Gateway, state.Replaced, state.List = fingerprint(m.Authority), nil, nil, nil
}

// CertificateFaults are what keeps the certificates of a roster from being made,
// if it has any: an authority that has ended, or has a name of the gateway's, and
// names of the gateway that no certificate holds. The authority may be nil.
func (s *Site) CertificateFaults(list roster.List, authority *x509.Certificate, now time.Time) profile.Faults {
	if !s.certifies(list) {
		return nil
	}
	return s.certificateFaults(authority, now)
}

func (s *Site) certificateFaults(authority *x509.Certificate, now time.Time) (f profile.Faults) {
	add := func(key, wrong, do string) { f = append(f, profile.Fault{Key: key, Wrong: wrong, Do: do}) }
	if authority != nil && now.After(authority.NotAfter) {
		add("site.authority", "the authority has ended on "+authority.NotAfter.Format(time.DateOnly), "name another file, and make a new one by muvpn admin ca")
	}
	b := s.gatewayBearer()
	for i, id := range b.IDs {
		key := "profile.gateway.id"
		if i < len(s.Profile.Gateway.Addresses) {
			key = fmt.Sprintf("profile.gateway.addresses[%d]", i)
		}
		if _, err := netip.ParseAddr(id.Value); id.Type == "ipv4" && err == nil {
			continue
		}
		if wild(id) {
			add(key, wildText(id), "write the gateway's own name")
		} else if why := unfit(id); why != "" {
			add(key, why, "write another name, or leave profile.gateway.id out")
		}
	}
	if own, err := b.template(); err == nil && authority != nil && mistakable(own, authority) {
		add("profile.gateway.id", "is the name of the authority", "write the gateway's own name")
	}
	return f
}

// gateway says whether the gateway needs a certificate.
func (m *maker) gateway() error {
	switch {
	case m.Authority == nil && m.NewGatewayKey:
		return errors.New("the gateway has no certificate, for nobody has one: there is no key to be made anew")
	case m.Authority == nil:
		return nil
	}
	b := m.Site.gatewayBearer()
	mark := b.mark(m.Authority)
	had := m.issue.Vault[gatewayEntry]
	state := &m.issue.State
	state.Replaced = slices.DeleteFunc(slices.Clone(state.Replaced), func(c Certificate) bool { return c.Until.Before(m.Now) })
	unused := !m.Site.certifies(m.Roster) // and only the list is still kept
	if old := state.Gateway; old != nil && (old.Mark == mark || unused) && !had.PKCS12.Empty() && !m.NewGatewayKey {
		return nil
	} else if old != nil {
		revoked := *old
		revoked.Revoked = m.Now.UTC().Truncate(time.Second)
		state.Gateway, state.Replaced = nil, append(state.Replaced, revoked)
	}
	var err error
	if had.Passphrase, err = newPassphrase(m.Random); err != nil {
		return err
	}
	m.issue.Vault[gatewayEntry] = had
	m.issue.gateway = wanted{b, m.Authority.NotAfter, mark}
	m.notice("The gateway gets a new certificate, for %s: load it there, with the list.", list(m.Site.Profile.Gateway.Addresses))
	return nil
}

// certificate says whether a user needs a certificate, and marks those that are
// good no longer. others says that the user's secrets are new.
func (m *maker) certificate(u roster.User, p profile.Profile, s *Secrets, r *Record, others bool) (w wanted) {
	r.Certificates = slices.DeleteFunc(slices.Clone(r.Certificates), func(c Certificate) bool { return c.Until.Before(m.Now) })
	if !certified(p) {
		r.revoke(m.Now)
		s.PKCS12 = profile.Secret{}
		return w
	}
	if m.Authority == nil {
		return w
	}
	expires := m.Site.expires(u)
	b := m.Site.userBearer(u.Name, p.Auth.LocalID)
	w = wanted{b, m.until(expires), b.mark(m.Authority)}
	old := r.good()
	switch same := old.Mark == w.mark && !others && !s.PKCS12.Empty(); {
	case same && m.lasts(old, expires):
		return wanted{}
	case !same || w.until.Before(old.Until):
		r.revoke(m.Now)
	default:
		m.renewed = append(m.renewed, u.Name)
	}
	return w
}

// good is the newest certificate that is not revoked; zero: there is none.
func (r *Record) good() (c Certificate) {
	for _, c := range slices.Backward(r.Certificates) {
		if c.Revoked.IsZero() {
			return c
		}
	}
	return c
}

// until is the end of a new certificate: that of the profile, else in some years;
// never after the authority's.
func (m *maker) until(expires time.Time) time.Time {
	if expires.IsZero() {
		expires = m.Now.AddDate(userYears, 0, 0)
	}
	if end := m.Authority.NotAfter; end.Before(expires) {
		expires = end
	}
	return expires.UTC().Truncate(time.Second)
}

// lasts says that a certificate ends when it should.
func (m *maker) lasts(c Certificate, expires time.Time) bool {
	if !expires.IsZero() || c.Until.Equal(m.Authority.NotAfter) {
		return c.Until.Equal(m.until(expires))
	}
	return m.Now.Add(renewal).Before(c.Until)
}

// bears holds what a user's certificate would say against what certificates
// can, against the gateway's and against the authority's own.
func (m *maker) bears(u roster.User, p profile.Profile) {
	if !certified(p) {
		return
	}
	if why := unfit(p.Auth.LocalID); why != "" {
		m.fault(u, roster.Name, why, `change it, or write another profile.auth.local_id, such as { type = "dn", value = "CN={user}" }`)
	}
	own, err := m.Site.userBearer(u.Name, p.Auth.LocalID).template()
	if err != nil {
		return // the profile has a fault of its own
	}
	if gateway, err := m.Site.gatewayBearer().template(); err == nil && mistakable(own, gateway) {
		m.fault(u, roster.Name, fmt.Sprintf("the certificate of %s would have a name of the gateway's: the user could pass for the gateway", dn.String(own.RawSubject)), "give the user another name")
	}
	if m.Authority != nil && mistakable(own, m.Authority) {
		m.fault(u, roster.Name, fmt.Sprintf("%s is the name of the authority: nobody could tell the user's certificate from its own", dn.String(own.RawSubject)), "give the user another name")
	}
}

// Signs says that the key of the authority is needed.
func (i *Issue) Signs() bool {
	return i.authority != nil && (i.Certificates() > 0 || i.relist)
}

// Certificates counts those that are to be made.
func (i *Issue) Certificates() int { return len(i.wanted()) }

// wanted are the certificates to be made, each with its user; -1 is the gateway.
func (i *Issue) wanted() (list []int) {
	if !i.gateway.until.IsZero() {
		list = append(list, -1)
	}
	for at := range i.Users {
		if !i.Users[at].certificate.until.IsZero() {
			list = append(list, at)
		}
	}
	return list
}

// Certify makes the keys and certificates that are needed, on all cores, and the
// list of the revoked ones. It comes before Seal. tell is called with how many
// are done, never by two at once.
func (i *Issue) Certify(ctx context.Context, by Authority, tell func(done int)) error {
	all := i.wanted()
	done := make([]made, len(all))
	err := onAllCores(ctx, len(all), tell, func(n int) (err error) {
		w, passphrase := i.gateway, i.Vault[gatewayEntry].Passphrase
		if at := all[n]; at >= 0 {
			w, passphrase = i.Users[at].certificate, i.Users[at].Secrets.Passphrase
		}
		done[n], err = i.make(w, by, passphrase)
		return err
	})
	if err != nil {
		return err
	}
	for n, at := range all {
		i.remember(at, done[n])
	}
	if !i.relist {
		return nil
	}
	i.State.List, err = i.State.newList(by, i.now)
	return err
}

// make makes one certificate with its key.
func (i *Issue) make(w wanted, by Authority, passphrase profile.Secret) (m made, err error) {
	template, err := w.bearer.template()
	if err != nil {
		return m, err
	}
	template.NotBefore, template.NotAfter = i.now.Add(-slowClock), w.until
	key, err := i.newKey()
	if err != nil {
		return m, err
	}
	c, err := sign(template, key.Public(), by)
	if err != nil {
		return m, fmt.Errorf("the certificate of %s: %w", w.bearer.Name, err)
	}
	file, err := pkcs12.Modern.Encode(key, c, []*x509.Certificate{by.Cert}, string(passphrase.Reveal()))
	if err != nil {
		return m, err
	}
	m.pkcs12 = profile.NewSecret([]byte(base64.StdEncoding.EncodeToString(file)))
	m.record = Certificate{Serial: serialText(c.SerialNumber), Until: w.until, Mark: w.mark}
	return m, nil
}

// remember enters a certificate for a user; -1 is the gateway.
func (i *Issue) remember(at int, m made) {
	if at < 0 {
		s := i.Vault[gatewayEntry]
		s.PKCS12 = m.pkcs12
		i.Vault[gatewayEntry], i.State.Gateway = s, &m.record
		return
	}
	u := &i.Users[at]
	u.Secrets.PKCS12, i.Vault[u.Name] = m.pkcs12, Secrets{u.Secrets.Key, u.Secrets.Passphrase, m.pkcs12}
	u.hold()
	r := i.State.Users[u.Name]
	r.Certificates = append(slices.Clone(r.Certificates), m.record)
	i.State.Users[u.Name] = r
}

// SharedKeys counts the users who have one.
func (i *Issue) SharedKeys() (n int) {
	for _, u := range i.Users {
		if u.Profile.Auth.Method == "psk" {
			n++
		}
	}
	return n
}

// hold puts the user's certificate into the profile.
func (u *Issued) hold() {
	u.Profile.Auth.PKCS12, u.Profile.Auth.PKCS12Password = u.Secrets.PKCS12, u.Secrets.Passphrase
}

// certificateNotices are what the administrator should know of certificates.
func (m *maker) certificateNotices(gone []string) {
	if keys := m.issue.SharedKeys(); keys >= WiseForCertificates && m.Site.TakesCertificates() {
		m.notice("%d users have shared keys. From %d on certificates are wiser: muvpn admin ca --help says how.", keys, WiseForCertificates)
	}
	if m.Authority == nil {
		return
	}
	gone = slices.DeleteFunc(slices.Clone(gone), func(name string) bool {
		r := m.State.Users[name]
		return r.good() == Certificate{}
	})
	if len(gone) > 0 {
		m.notice("Their certificates are good until they are revoked (muvpn admin revoke): %s.", list(gone))
	}
	if len(m.renewed) > 0 {
		m.notice("New certificates, because the old ones end: %s. They need their new files before that.", list(m.renewed))
	}
	if end := m.Authority.NotAfter; m.Now.AddDate(userYears, 0, 0).After(end) {
		m.notice("The authority ends on %s, and everything that it has made: plan a new one (docs/admin.md).", end.Format(time.DateOnly))
	}
}
