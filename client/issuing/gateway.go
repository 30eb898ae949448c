package issuing

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"text/template"
	"time"

	_ "embed"

	"github.com/pelletier/go-toml/v2"

	"muvpn/profile"
	"muvpn/profile/dn"
)

// gatewayFiles are what the gateway needs of all users, each by its name. All but
// the checklist and what is in the folders x509* hold keys.
func (i *Issue) gatewayFiles() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, write := range map[string]func() ([]byte, error){
		"swanctl.conf": i.swanctl, "firebox-users.csv": i.firebox, "muvpn-testgw.toml": i.testgw, "checklist.txt": i.checklist,
	} {
		text, err := write()
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	return files, i.certificateFiles(files)
}

// keys counts the users with shared keys.
func (i *Issue) keys() (n int) {
	for _, u := range i.Users {
		if !certified(u.Profile) {
			n++
		}
	}
	return n
}

// effective is what everybody's profile says.
func (i *Issue) effective() profile.Profile { return i.site.Profile.Effective() }

// networks are all that some user reaches, without those inside another.
func (i *Issue) networks() (all []netip.Prefix) {
	for _, u := range i.Users {
		if all = append(all, u.Profile.Network.Networks...); u.Profile.Network.FullTunnel {
			all = append(all, everything(u.Profile.Network.VirtualIP)...)
		}
	}
	slices.SortFunc(all, func(a, b netip.Prefix) int {
		return cmp.Or(cmp.Compare(a.Bits(), b.Bits()), a.Addr().Compare(b.Addr()))
	})
	var outer []netip.Prefix
	for _, p := range all {
		if !slices.ContainsFunc(outer, func(q netip.Prefix) bool { return q.Overlaps(p) }) {
			outer = append(outer, p)
		}
	}
	return outer
}

//go:embed swanctl.tmpl
var swanctlText string

// swanctl is a swanctl.conf for strongSwan: a connection for each user, which
// lets nobody have another's virtual IP.
func (i *Issue) swanctl() ([]byte, error) {
	return i.template(swanctlText, template.FuncMap{
		"id": strongSwanID,
		// A key in base64 is safe, whatever signs it has.
		"key":       func(s profile.Secret) string { return "0s" + base64.StdEncoding.EncodeToString(s.Reveal()) },
		"proposals": strongSwanESP,
		"reach":     reach,
		"inner":     inner,
		"comma":     func(list []string) string { return strings.Join(list, ", ") },
		"seconds":   func(d profile.Duration) int { return int(d.Seconds()) },
		"certified": func(u Issued) bool { return certified(u.Profile) },
		"exchange":  func(u Issued) string { return u.Profile.Effective().IKE.Exchange },
		"gatewayID": func() string {
			if id := i.site.Profile.Gateway.ID; id.Type != "" && id.Type != "any" {
				return strongSwanID(id)
			}
			return ""
		},
	})
}

// strongSwanID writes an identity so that strongSwan takes it for no other type.
// A name is given in DER, as it stands in the certificate.
func strongSwanID(id profile.ID) string {
	kind := map[string]string{"user_fqdn": "email:", "key_id": "keyid:", "fqdn": "fqdn:", "dn": "asn1dn:", "ipv4": "ipv4:"}[id.Type]
	if name, err := dn.Parse(id.Value); id.Type == "dn" && err == nil {
		return kind + "#" + hex.EncodeToString(name)
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(kind + id.Value)
}

// strongSwanESP adds the group of PFS, if there is one.
func strongSwanESP(e profile.ESP) string {
	list := slices.Clone(e.Proposals)
	for i := range list {
		if e.PFS != "none" && e.PFS != "gateway" {
			list[i] += "-" + e.PFS
		}
	}
	return strings.Join(list, ", ")
}

// reach are the networks of a user, as strongSwan has them.
func reach(n profile.Network) string {
	if n.FullTunnel {
		return words(everything(n.VirtualIP))
	}
	return words(n.Networks)
}

// everything is what a full tunnel leads to: IPv6 as well, if the virtual IP is
// one of it.
func everything(v profile.VirtualIP) []netip.Prefix {
	all := []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
	if v.Address.Is6() {
		all = append(all, netip.PrefixFrom(netip.IPv6Unspecified(), 0))
	}
	return all
}

// inner is the virtual IP, or that of the pool.
func inner(v profile.VirtualIP) string {
	if v.Address.IsValid() {
		return netip.PrefixFrom(v.Address, v.Address.BitLen()).String()
	}
	return "dynamic"
}

func words[T interface{ String() string }](list []T) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.String()
	}
	return strings.Join(out, ", ")
}

func (i *Issue) template(text string, funcs template.FuncMap) ([]byte, error) {
	t, err := template.New("").Funcs(funcs).Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"Site": i.site, "Profile": i.effective(), "Keys": i.keys(), "Authority": i.authority, "Users": i.Users, "Networks": words(i.networks()), "Date": i.now.UTC().Format(time.DateOnly),
	})
	return b.Bytes(), err
}

// firebox is the list to enter the users from: Policy Manager reads no file. Those
// with certificates are not on it: a Firebox believes no authority but its own.
func (i *Issue) firebox() ([]byte, error) {
	rows := [][]string{{"user", "shared key", "virtual IP", "networks", "phase 1", "phase 2", "expires", "name"}}
	e := i.effective()
	for _, u := range i.Users {
		if certified(u.Profile) {
			continue
		}
		rows = append(rows, []string{
			noFormula(u.Profile.Auth.LocalID.Value), noFormula(string(u.Secrets.Key.Reveal())), addressText(u.VirtualIP), reach(u.Profile.Network),
			strings.Join(e.IKE.Proposals, " "), strings.Join(e.ESP.Proposals, " "), dayText(u.Expires), noFormula(u.FullName),
		})
	}
	return csvText(rows)
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func csvText(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// noFormula keeps a spreadsheet from taking a text for a formula. The checklist says
// that the sign in front is not to be entered.
func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// testgw is a configuration of muvpn-testgw, to try the profiles before they are
// given out.
func (i *Issue) testgw() ([]byte, error) {
	type id struct {
		Type  string `toml:"type"`
		Value string `toml:"value"`
	}
	type user struct {
		Name      string `toml:"name"`
		ID        id     `toml:"id,inline"`
		PSK       string `toml:"psk,omitempty"`
		VirtualIP string `toml:"virtual_ip,omitempty"`
	}
	e := i.effective()
	var users []user
	for _, u := range i.Users {
		local := u.Profile.Auth.LocalID
		users = append(users, user{u.Name, id(local), string(u.Profile.Auth.PSK.Value.Reveal()), addressText(u.VirtualIP)})
	}
	var b bytes.Buffer
	b.WriteString("# For muvpn-testgw, to try the profiles on this computer. A profile leads to the addresses\n# that the site file names: make one with addresses = [\"127.0.0.1\"] and ports above 1024 to try it here.\n")
	phase1 := map[string]any{"exchanges": i.exchanges(), "proposals": e.IKE.Proposals, "lifetime": e.IKE.Lifetime.String()}
	file := map[string]any{
		"listen": listen(e.Gateway.Addresses), "ike_port": e.Gateway.IKEPort, "natt_port": e.Gateway.NATTPort,
		"networks": i.networks(), "users": users,
		"phase1": phase1,
		"phase2": map[string]any{"proposals": e.ESP.Proposals, "pfs": testgwPFS(e.ESP.PFS), "lifetime": e.ESP.Lifetime.String()},
		"lan":    map[string]any{"address": i.office()},
	}
	if own := i.site.Profile.Gateway.ID; own.Type != "" && own.Type != "any" {
		file["id"] = id(own)
	}
	if i.authority != nil {
		own, err := i.credential()
		if err != nil {
			return nil, err
		}
		phase1["methods"] = []string{"psk", "rsa"}
		file["certificates"] = map[string]any{
			"ca": string(certificatePEM(i.authority)), "own": map[string]string{"chain": string(own.certificate), "key": string(own.key)},
		}
	}
	err := toml.NewEncoder(&b).Encode(file)
	return b.Bytes(), err
}

// exchanges are those that some user comes by, and those with shared keys would.
func (i *Issue) exchanges() []string {
	list := []string{i.effective().IKE.Exchange}
	for _, u := range i.Users {
		if e := u.Profile.Effective().IKE.Exchange; !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

// listen is the gateway's own address, or this computer's where it has only a
// name.
func listen(addresses []string) string {
	for _, a := range addresses {
		if _, err := netip.ParseAddr(a); err == nil {
			return a
		}
	}
	return "127.0.0.1"
}

func testgwPFS(pfs string) string {
	if pfs == "gateway" {
		return "any"
	}
	return pfs
}

// office is the address of the one host behind muvpn-testgw: the first DNS
// server, else the second host of the first network.
func (i *Issue) office() netip.Prefix {
	networks := i.networks()
	for _, a := range i.site.Profile.Network.DNS {
		for _, p := range networks {
			if p.Contains(a) && p.Bits() > 0 {
				return netip.PrefixFrom(a, p.Bits())
			}
		}
	}
	if len(networks) == 0 || networks[0].Bits() == 0 {
		return netip.MustParsePrefix("192.168.10.2/24")
	}
	second := Hosts(networks[0]).First.Next()
	return netip.PrefixFrom(second, networks[0].Bits())
}

//go:embed checklist.tmpl
var checklistText string

// checklist is what is to be set on the gateway, and looked at later.
func (i *Issue) checklist() ([]byte, error) {
	return i.template(checklistText, template.FuncMap{
		"comma": func(list []string) string { return strings.Join(list, ", ") },
		"pool":  func(list []Range) string { return poolText(list) },
	})
}

func poolText(list []Range) string {
	var out []string
	for _, r := range list {
		text, _ := r.MarshalText()
		out = append(out, string(text))
	}
	return strings.Join(out, ", ")
}
