package issuing

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// Order is what is to be issued.
type Order struct {
	Site   Site
	Roster roster.List
	State  State
	Vault  Vault
	Signer ed25519.PublicKey // nil: profiles are not signed
	All    bool              // everybody, changed or not
	Now    time.Time
	Random io.Reader // of keys, passphrases and UUIDs

	Authority     *x509.Certificate // nil: nobody has a certificate
	NewGatewayKey bool              // the gateway's certificate is revoked, and it has another
}

// Issue is what comes of an order: who gets which profile, and what is to be
// remembered.
type Issue struct {
	Users   []Issued // all of the roster but the revoked ones, in its order
	Notices []string // what the administrator should know, a sentence each
	State   State
	Vault   Vault

	site      Site
	signer    ed25519.PublicKey
	now       time.Time
	authority *x509.Certificate
	gateway   wanted // the gateway's new certificate
	relist    bool   // the list of revoked certificates is to be made anew
	newKey    func() (*rsa.PrivateKey, error)
}

// Issued is one user of an issue.
type Issued struct {
	roster.User
	Profile profile.Profile // with UUID, serial and key
	Expires time.Time       // zero: never
	Secrets Secrets
	Fresh   bool // a file is to be made; else the last one is still right

	certificate wanted // a new one
}

// Fresh counts the files that are to be made.
func (i *Issue) Fresh() (n int) {
	for _, u := range i.Users {
		if u.Fresh {
			n++
		}
	}
	return n
}

// maker makes one issue of an order.
type maker struct {
	Order
	issue   *Issue
	faults  roster.Faults
	taken   map[netip.Addr]bool
	ids     map[profile.ID]int // the row of each identity
	rotated int
	renewed []string // whose certificates come to their end
}

// Make works out an issue. It changes nothing of the order. An error of the kind
// roster.Faults lists all that is wrong with the roster: those that the caller
// has found already, and those that only the site tells.
func Make(o Order, found roster.Faults) (*Issue, error) {
	issue, faults, err := work(o, found)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return issue, nil
}

// work is Make that gives what it can where there are faults, too.
func work(o Order, found roster.Faults) (*Issue, roster.Faults, error) {
	m := &maker{Order: o, faults: found, taken: map[netip.Addr]bool{}, ids: map[profile.ID]int{}}
	m.issue = &Issue{
		State: o.State.clone(), Vault: maps.Clone(o.Vault), site: o.Site, signer: o.Signer, now: o.Now,
		authority: o.Authority, newKey: newRSA,
	}
	if o.Authority != nil {
		if f := o.Site.CertificateFaults(o.Roster, o.Authority, o.Now); f != nil {
			return nil, nil, f
		}
	}
	m.authority()
	if err := errors.Join(m.name(), m.gateway()); err != nil {
		return nil, nil, err
	}
	active := m.active()
	m.addresses(active)
	for _, u := range active {
		if err := m.user(u); err != nil {
			return nil, nil, err
		}
	}
	m.faults.Sort()
	m.issue.relist = o.Authority != nil && !m.issue.State.listed(o.Now)
	m.notices(active)
	return m.issue, m.faults, nil
}

func (m *maker) fault(u roster.User, c roster.Column, wrong, do string) {
	m.faults.Add(m.Roster.Where(u.Row, c), c, wrong, do)
}

func (m *maker) notice(format string, a ...any) {
	m.issue.Notices = append(m.issue.Notices, fmt.Sprintf(format, a...))
}

// active are the users who are not revoked.
func (m *maker) active() (list []roster.User) {
	for _, u := range m.Roster.Users {
		if r := m.State.Users[u.Name].Revoked; !r.IsZero() {
			m.notice("%s (%s) was revoked on %s: no profile, and not in the gateway's files.", u.Name, m.Roster.Where(u.Row, roster.Name), r.Format(time.DateOnly))
			continue
		}
		list = append(list, u)
	}
	return list
}

// addresses gives everybody a virtual IP: what the roster says, then what the
// user had, then the next free one. Those of revoked users stay theirs, as the
// gateway may still have them.
func (m *maker) addresses(users []roster.User) {
	for _, r := range m.State.Users {
		if !r.Revoked.IsZero() {
			m.taken[r.VirtualIP] = true
		}
	}
	for _, u := range users {
		m.taken[u.VirtualIP] = true
		if u.VirtualIP.IsValid() && !m.Site.static() {
			m.fault(u, roster.VirtualIP, "an address, although the gateway gives them out", "leave it blank, or take virtual_ip.mode out of the site file")
		}
	}
	if !m.Site.static() {
		return
	}
	for i := range users {
		m.hadBefore(&users[i])
	}
	for i := range users {
		m.nextFree(&users[i])
	}
}

// hadBefore leaves a user the address of the last issue.
func (m *maker) hadBefore(u *roster.User) {
	a := m.State.Users[u.Name].VirtualIP
	if !u.VirtualIP.IsValid() && contains(m.Site.Pool, a) && !m.taken[a] && !m.Site.reserved(a) {
		u.VirtualIP, m.taken[a] = a, true
	}
}

func (m *maker) nextFree(u *roster.User) {
	if u.VirtualIP.IsValid() || m.told(*u, roster.VirtualIP) {
		return // an address that cannot be read is no blank
	}
	a, ok := nextFree(m.Site.Pool, func(a netip.Addr) bool { return m.taken[a] || m.Site.reserved(a) })
	if !ok {
		m.fault(*u, roster.VirtualIP, "no address of the pool is left", "make site.pool larger, or give the user an address")
		return
	}
	u.VirtualIP, m.taken[a] = a, true
}

// told says that something is known to be wrong in a user's cell.
func (m *maker) told(u roster.User, c roster.Column) bool {
	where := m.Roster.Where(u.Row, c)
	return slices.ContainsFunc(m.faults, func(f roster.Fault) bool { return f.Cell == where && f.Column == c })
}

// user works out one user's profile, and whether it is another than the last
// one.
func (m *maker) user(u roster.User) error {
	record, known := m.issue.State.Users[u.Name]
	secrets, changed, err := m.secrets(u, record)
	if err != nil {
		return err
	}
	p := m.Site.fill(u, secrets.Key)
	if certified(p) && m.Authority != nil {
		p.Auth.CA = string(certificatePEM(m.Authority))
	}
	certificate := m.certificate(u, p, &secrets, &record, changed)
	expires := m.Site.expires(u)
	m.check(u, p, expires)
	if !known {
		if record.UUID, err = profile.NewUUID(m.Random); err != nil {
			return err
		}
	}
	digest, err := m.digest(p, expires)
	if err != nil {
		return err
	}
	fresh := m.All || changed || digest != record.Digest || !certificate.until.IsZero()
	if fresh {
		record.Serial++
		record.Issued, record.Digest = m.Now.UTC().Truncate(time.Second), digest
	}
	record.VirtualIP = u.VirtualIP
	p.Meta.UUID, p.Meta.Serial = record.UUID, record.Serial
	m.issue.State.Users[u.Name], m.issue.Vault[u.Name] = record, secrets
	issued := Issued{User: u, Profile: p, Expires: expires, Secrets: secrets, Fresh: fresh, certificate: certificate}
	if certified(p) {
		issued.hold()
	}
	m.issue.Users = append(m.issue.Users, issued)
	return nil
}

// secrets are a user's: those of the last time, unless the roster says
// otherwise. changed says that they are others.
func (m *maker) secrets(u roster.User, record Record) (s Secrets, changed bool, err error) {
	s, there := m.Vault[u.Name]
	restored := record.UUID != "" && record.Digest == ""
	fresh := u.Rotate || restored || record.UUID == ""
	if !there && !fresh {
		m.fault(u, roster.Keep, "the folder of secrets has none of this user, who was issued before", "name the folder of the last time, or write rotate to make new ones")
		return s, false, nil
	}
	if u.Rotate {
		m.rotated++
	}
	if fresh {
		if s.Passphrase, err = newPassphrase(m.Random); err == nil {
			s.Key, err = newKey(m.Random)
		}
		changed = true
	}
	if !u.Secret.Empty() && !u.Secret.Equal(s.Key) && m.Site.method(u) == "psk" {
		s.Key, changed = u.Secret, true
	}
	return s, changed, err
}

// digest names what is issued, but for its secrets.
func (m *maker) digest(p profile.Profile, expires time.Time) (string, error) {
	text, err := p.MarshalTOML()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\nexpires %s\nsigner %x\n", text, expires.Format(time.RFC3339), []byte(m.Signer))
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// columnOf says which column is to blame for a fault of the profile.
func columnOf(key string, u roster.User) roster.Column {
	switch {
	case strings.HasPrefix(key, "network.") && len(u.Networks) > 0 && !strings.HasPrefix(key, "network.virtual_ip"):
		return roster.Networks
	case strings.HasPrefix(key, "network."): // the site's networks are right: it does not fit them
		return roster.VirtualIP
	case strings.HasPrefix(key, "auth.psk"):
		return roster.Secret
	}
	return roster.Name
}

// check finds what is wrong with the user's row in this site.
func (m *maker) check(u roster.User, p profile.Profile, expires time.Time) {
	if !expires.IsZero() && !m.Now.Before(expires) {
		m.fault(u, roster.Expires, expires.Format(time.DateOnly)+" is over", "give a later day, or take the row away")
	}
	if u.VirtualIP.IsValid() && slices.Contains(append(slices.Clone(p.Network.DNS), p.Network.WINS...), u.VirtualIP) {
		m.fault(u, roster.VirtualIP, u.VirtualIP.String()+" is a server's address", "give the user another, or leave it blank")
	}
	if certified(p) && !u.Secret.Empty() {
		m.fault(u, roster.Secret, "a shared key, although the user has a certificate", "empty the cell, or write psk as the method")
	}
	m.bears(u, p)
	if wild(p.Auth.LocalID) {
		m.fault(u, roster.Name, wildText(p.Auth.LocalID), "change what the identity is made of")
	}
	id := profile.ID{Type: p.Auth.LocalID.Type, Value: p.Auth.LocalID.Value}
	if certified(p) {
		id.Value = sameIdentity(id)
	}
	if first, twice := m.ids[id]; twice && !strings.EqualFold(u.Name, m.nameIn(first)) {
		m.fault(u, roster.Name, fmt.Sprintf("the same identity as %s, %q", m.Roster.Where(first, roster.Name), p.Auth.LocalID.Value), "put {user} into profile.auth.local_id of the site file, or change what it is made of")
	} else if !twice {
		m.ids[id] = u.Row
	}
	if u.Name == "" || m.Site.static() && !u.VirtualIP.IsValid() || !certified(p) && u.Secret.Empty() && p.Auth.PSK.Value.Empty() {
		return // told already
	}
	networks := m.told(u, roster.Networks) // the roster's own words, which the profile would repeat
	if list, ok := p.Validate().(profile.Faults); ok {
		for _, f := range withoutCertificate(list) {
			if c := columnOf(f.Key, u); c != roster.Networks || !networks {
				m.fault(u, c, f.Wrong, f.Do)
			}
		}
	}
	for _, w := range profile.PSKWarnings(u.Secret) {
		m.notice("%s (%s): %s", m.Roster.Where(u.Row, roster.Secret), u.Name, w)
	}
}

// nameIn is the name of the user in a row.
func (m *maker) nameIn(row int) string {
	i := slices.IndexFunc(m.Roster.Users, func(u roster.User) bool { return u.Row == row })
	return m.Roster.Users[i].Name
}

// notices are what the administrator should do about the rows.
func (m *maker) notices(active []roster.User) {
	present := map[string]bool{}
	for _, u := range active {
		present[u.Name] = true
	}
	var gone []string
	for name, r := range m.State.Users {
		if !present[name] && r.Revoked.IsZero() && !m.inRoster(name) {
			gone = append(gone, name)
		}
	}
	if slices.Sort(gone); len(gone) > 0 {
		m.notice("No longer in the roster, and so not in the gateway's files; take them off the gateway: %s.", list(gone))
	}
	m.certificateNotices(gone)
	if m.rotated > 0 {
		m.notice("Rows that say rotate get new secrets each time: write keep again in %d of them.", m.rotated)
	}
}

func (m *maker) inRoster(name string) bool {
	return slices.ContainsFunc(m.Roster.Users, func(u roster.User) bool { return u.Name == name })
}

// list names a few.
func list(names []string) string {
	if more := len(names) - 10; more > 0 {
		return strings.Join(names[:10], ", ") + fmt.Sprintf(" and %d others", more)
	}
	return strings.Join(names, ", ")
}
