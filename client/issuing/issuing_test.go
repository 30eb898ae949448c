package issuing

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// office is a small site: a pool of ten, of which two are servers.
const office = `
[site]
issuer = "Example Ltd"
support = "helpdesk@example.com"
pool = ["192.168.10.1-192.168.10.10"]
[profile]
name = "Office of {name}"
[profile.gateway]
addresses = ["192.168.10.1", "firebox.example.com"]
[profile.network]
networks = ["192.168.10.0/24"]
dns = ["192.168.10.2"]
`

func site(t *testing.T, text string) Site {
	t.Helper()
	s, _, err := ParseSite([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// admin issues again and again, as an administrator does, and remembers.
type admin struct {
	t     *testing.T
	site  Site
	state State
	vault Vault
	all   bool

	newGatewayKey bool
	now           time.Time
	authority     Authority // zero: there is none
}

func newAdmin(t *testing.T, text string) *admin {
	state, err := ParseState(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &admin{t: t, site: site(t, text), state: state, vault: Vault{}, now: noon}
}

// try issues a roster in CSV.
func (a *admin) try(csv string) (*Issue, error) {
	a.t.Helper()
	table, err := roster.Read([]byte(csv))
	if err != nil {
		a.t.Fatal(err)
	}
	users, faults := table.Users()
	o := Order{Site: a.site, Roster: users, State: a.state, Vault: a.vault, All: a.all, Now: a.now, Random: rand.Reader, NewGatewayKey: a.newGatewayKey}
	if a.site.NeedsAuthority(users, a.state, a.now) {
		o.Authority = a.authority.Cert
	}
	return Make(o, faults)
}

// issue is try that must go well; what it leaves is read back as from files.
func (a *admin) issue(csv string) *Issue {
	a.t.Helper()
	i, err := a.try(csv)
	if err != nil {
		a.t.Fatal(err)
	}
	a.remember(i)
	return i
}

func (a *admin) remember(i *Issue) {
	a.t.Helper()
	text, err := i.State.Text()
	if err == nil {
		a.state, err = ParseState(text)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	if text, err = i.Vault.Text(); err == nil {
		a.vault, err = ParseVault(text)
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

// fresh names who is issued, each with serial and virtual IP.
func fresh(i *Issue) string {
	var out []string
	for _, u := range i.Users {
		if u.Fresh {
			out = append(out, fmt.Sprintf("%s#%d %s", u.Name, u.Profile.Meta.Serial, u.VirtualIP))
		}
	}
	return strings.Join(out, ", ")
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSampleSiteHasNoFault(t *testing.T) {
	s := site(t, string(SampleSite))
	if len(s.Languages) != len(languages) || s.Signer != "signer.key" || !s.Profile.Policy.ReadOnly {
		t.Errorf("%+v", s)
	}
}

// names is the small site with names for networks, each the inside of a table.
func names(tables ...string) string {
	return strings.Replace(office, "[profile]", "networks = [{"+strings.Join(tables, "}, {")+"}]\n[profile]", 1)
}

func TestFaultsOfASite(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(office, `"Example Ltd"`, `"Müller GmbH"`, 1):                "site.issuer",
		strings.Replace(office, `support = "helpdesk@example.com"`, "", 1):          "site.support",
		strings.Replace(office, `"helpdesk@example.com"`, `"helpdesk"`, 1):          "profile.meta.support",
		strings.Replace(office, `pool = ["192.168.10.1-192.168.10.10"]`, "", 1):     "site.pool",
		strings.Replace(office, `192.168.10.1-`, "192.168.10.99-", 1):               "line 5",
		strings.Replace(office, "[profile]", "languages = [\"tlh\"]\n[profile]", 1): "site.languages",
		strings.Replace(office, "[profile]", "expires = \"soon\"\n[profile]", 1):    "line 6",
		strings.Replace(office, "dns =", "dsn =", 1):                                "unknown profile.network.dsn (line 12)",
		office + "virtual_ip = { mode = \"mode-config\" }":                          "gives them out",
		office + "[profile.auth]\nmethod = \"psk-xauth\"":                           "profile.auth.method",
		office + "[profile.auth]\npsk = { value = \"one-key-for-all-of-them\" }":    "profile.auth.psk",
		names(`name = "A"`):                                                                               "site.networks[0].network",
		names(`network = "10.1.0.0/16"`):                                                                  "site.networks[0].name",
		names(`name = "A", network = "10.1.0.1/16"`):                                                      "write 10.1.0.0/16",
		names(`name = "A", network = "10.1.0.0/16", domain = "two words"`):                                "site.networks[0].domain",
		names("name = \"A\\nB\", network = \"10.1.0.0/16\""):                                              "site.networks[0].name",
		names(`name = "A\u2028B", network = "10.1.0.0/16"`):                                               "site.networks[0].name: has line ends",
		names(`name = "A\u2029B", network = "10.1.0.0/16"`):                                               "site.networks[0].name: has line ends",
		names(`name = "A\u0085B", network = "10.1.0.0/16"`):                                               "site.networks[0].name",
		names(`name = "A", network = "0.0.0.0/0"`):                                                        "site.networks[0].network",
		names(`name = "A", network = "10.1.0.0/16"`, `name = "a", network = "10.2.0.0/16"`):               "site.networks[1].name",
		names(`name = "A", network = "10.1.0.0/16"`, `name = "B", network = "10.1.2.0/24"`):               "site.networks[1].network: 10.1.2.0/24 overlaps",
		names(`name = "A", network = "10.1.0.0/16", colour = "red"`):                                      "colour (line",
		names(`name = "A", network = "10.1.0.0"`):                                                         "not a network",
		office + "[profile.ike]\nproposals = [\"des-md5-modp768\"]":                                       "profile.ike.proposals[0]",
		strings.Replace(office, "[profile]", "[profile.meta]\nserial = 4\n[profile]", 1):                  "profile.meta",
		strings.Replace(office, "dns =", "virtual_ip = { address = \"192.168.10.9\" }\ndns =", 1):         "profile.network.virtual_ip",
		strings.Replace(office, `["192.168.10.0/24"]`, `["192.168.10.0/24", "192.168.10.128/25"]`, 1):     "overlaps",
		office + "[profile.auth]\nmethod = \"rsa\"\nlocal_id = { type = \"key_id\", value = \"{user}\" }": "profile.auth.local_id",
		office + "[profile.auth]\nca = \"-----BEGIN CERTIFICATE-----\"":                                   "has a certificate for everybody",
		office + "[profile.auth]\nlocal_id = { type = \"fqdn\", value = \"*.{user}.example.com\" }":       "profile.auth.local_id",
		strings.Replace(office, "[profile.network]", "id = { type = \"key_id\", value = \"box\" }\n[profile.auth]\nmethod = \"rsa\"\n[profile.network]", 1):            "profile.gateway.id: an identity of type key_id",
		strings.Replace(office, "[profile.network]", "id = { type = \"user_fqdn\", value = \"büro\" }\n[profile.auth]\nmethod = \"rsa\"\n[profile.network]", 1):        "profile.gateway.id: \"büro\" has",
		strings.Replace(office, "[profile.network]", "id = { type = \"dn\", value = \"CN=*,O=Example Ltd\" }\n[profile.auth]\nmethod = \"rsa\"\n[profile.network]", 1): "profile.gateway.id: the identity",
		strings.Replace(office, `"firebox.example.com"]`, "\"fire_box.example.com\"]\n[profile.auth]\nmethod = \"rsa\"", 1):                                            "profile.gateway.addresses[1]",
		office + "[profile.auth]\nlocal_id = { type = \"any\" }":                     "may let everybody in",
		strings.Replace(office, "[profile]", "authority = \"ca.key\"\n[profile]", 1): "site.authority",
	} {
		_, _, err := ParseSite([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "one-key") {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	spec := strings.Replace(office, "dns =", "virtual_ip = { mode = \"static\", address = \"{virtual_ip}\" }\ndns =", 1) +
		"[profile.auth]\nlocal_id = { type = \"key_id\", value = \"{email}\" }\npsk = { source = \"inline\", value = \"{psk}\" }"
	if s := site(t, spec); s.Profile.Network.VirtualIP.Address.IsValid() {
		t.Errorf("%+v", s.Profile)
	}
}

// What users get: the next free addresses, none of a server; keys, passphrases
// and identities of their own.
func TestFirstIssue(t *testing.T) {
	a := newAdmin(t, office)
	i := a.issue("user,name,virtual IP,secret,networks,expires\nlisa,Lisa\nbart,,192.168.10.4\nmaggie,,,a-key-that-the-gateway-has,10.1.0.0/16,2027-12-31\nhomer")
	want(t, fresh(i), "lisa#1 192.168.10.3, bart#1 192.168.10.4, maggie#1 192.168.10.5, homer#1 192.168.10.6")
	lisa, maggie := i.Users[0], i.Users[2]
	if lisa.Profile.Name != "Office of Lisa" || lisa.Profile.Auth.LocalID != (profile.ID{Type: "user_fqdn", Value: "lisa"}) || lisa.Profile.User != "lisa" {
		t.Errorf("%+v", lisa.Profile)
	}
	if !regexp.MustCompile(`^([a-hj-km-np-z2-9]{5}-){4}[a-hj-km-np-z2-9]{5}$`).Match(lisa.Secrets.Key.Reveal()) ||
		!regexp.MustCompile(`^([b-z][aiou][b-z][aiou][b-z]-){6}[b-z][aiou][b-z][aiou][b-z]$`).Match(lisa.Secrets.Passphrase.Reveal()) {
		t.Errorf("%s, %s", lisa.Secrets.Key.Reveal(), lisa.Secrets.Passphrase.Reveal())
	}
	if string(maggie.Secrets.Key.Reveal()) != "a-key-that-the-gateway-has" || maggie.Profile.Network.Networks[0].String() != "10.1.0.0/16" ||
		maggie.Expires.Format(time.RFC3339) != "2027-12-31T23:59:59Z" {
		t.Errorf("%+v", maggie)
	}
	if text, _ := i.State.Text(); bytes.Contains(text, []byte("a-key-that")) || bytes.Contains(text, lisa.Secrets.Key.Reveal()) {
		t.Error("the state holds a key")
	}
}

// Only who has changed is issued again; serials rise, addresses stay.
func TestIssueAgain(t *testing.T) {
	a := newAdmin(t, office)
	first := a.issue("user,name,virtual IP,secret,expires,keep\nlisa\nbart\nmaggie\nhomer\nmarge")
	want(t, fresh(a.issue("user,notes\nlisa,a note\nbart\nmaggie\nhomer\nmarge")), "")
	second := a.issue("user,name,virtual IP,secret,expires,keep\nmarge,,192.168.10.3\nhomer,,,,2027-12-31\nmaggie,,,,,rotate\nbart,,,a-key-that-the-gateway-has\nlisa")
	want(t, fresh(second), "marge#2 192.168.10.3, homer#2 192.168.10.6, maggie#2 192.168.10.5, bart#2 192.168.10.4, lisa#2 192.168.10.7")
	if first.Users[2].Secrets.Key.Equal(second.Users[2].Secrets.Key) || first.Users[2].Secrets.Passphrase.Equal(second.Users[2].Secrets.Passphrase) {
		t.Error("maggie's secrets were not rotated")
	}
	if !first.Users[0].Secrets.Key.Equal(second.Users[4].Secrets.Key) || !first.Users[1].Secrets.Passphrase.Equal(second.Users[3].Secrets.Passphrase) {
		t.Error("secrets were changed that nobody wanted to change")
	}
	if first.Users[0].Profile.Meta.UUID != second.Users[4].Profile.Meta.UUID {
		t.Error("lisa has another UUID")
	}
	wantNotice(t, second, "say rotate")
	a.all = true
	same := "user,expires,secret\nmarge\nhomer,2027-12-31\nmaggie\nbart,,a-key-that-the-gateway-has\nlisa"
	if n := a.issue(same).Fresh(); n != 5 {
		t.Errorf("--all issued %d", n)
	}
	a.all = false
	a.site.Profile.Network.DNS = nil
	if n := a.issue(same).Fresh(); n != 5 {
		t.Errorf("a change of the site issued %d", n)
	}
	a.site.Support = "support@example.com"
	if n := a.issue(same).Fresh(); n != 5 {
		t.Errorf("another support address issued %d", n)
	}
}

func wantNotice(t *testing.T, i *Issue, text string) {
	t.Helper()
	if !slices.ContainsFunc(i.Notices, func(n string) bool { return strings.Contains(n, text) }) {
		t.Errorf("no notice of %q: %q", text, i.Notices)
	}
}

// Who is revoked gets nothing and keeps the address to himself; who is gone does
// not, and keeps counting when he comes back.
func TestRevokedAndGone(t *testing.T) {
	a := newAdmin(t, office)
	a.issue("user\nlisa\nbart\nmaggie")
	if err := errors.Join(a.state.Revoke("lisa", noon)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"lisa": "already", "Bart": "; bart was", "nelson": "never issued"} {
		if err := a.state.Revoke(name, noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	i := a.issue("user\nlisa\nmaggie\nhomer\nmarge")
	want(t, fresh(i), "homer#1 192.168.10.4, marge#1 192.168.10.6")
	wantNotice(t, i, "lisa (A2) was revoked on 2026-11-26")
	wantNotice(t, i, "No longer in the roster, and so not in the gateway's files; take them off the gateway: bart.")
	files, err := i.gatewayFiles()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if bytes.Contains(text, []byte("lisa")) {
			t.Errorf("%s still has lisa", name)
		}
	}
	key := a.vault["lisa"].Key
	if err := a.state.Restore("lisa"); err != nil {
		t.Fatal(err)
	}
	i = a.issue("user\nlisa\nmaggie\nhomer\nmarge\nbart")
	want(t, fresh(i), "lisa#2 192.168.10.3, bart#2 192.168.10.7")
	if key.Equal(i.Users[0].Secrets.Key) {
		t.Error("lisa has her old key again")
	}
}

// What only the site tells is told with the rest.
func TestFaultsOfRosterInSite(t *testing.T) {
	a := newAdmin(t, strings.Replace(office, ".10\"]", ".4\"]", 1))
	_, err := a.try("user,virtual IP,networks,expires,e-mail\n" +
		"a,192.168.10.0\nb,192.168.10.255\nc,192.168.10.2\nd,fd00::1\ne,,fd00::/64\nf,,127.0.0.0/8\ng,,,2020-01-01\nh,192.168.10.3\ni\nj\nk,0.0.0.0\nl,192.168.1.x")
	var faults roster.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("%v", err)
	}
	cells := func(f roster.Faults) (out []string) {
		for _, each := range f {
			out = append(out, each.Cell)
		}
		return out
	}
	// e has the last address of the pool, f, g, i and j have none.
	want(t, strings.Join(cells(faults), " "), "B2 B3 B4 B5 C6 B7 B8 D8 B10 B11 B12 B13")
	b := newAdmin(t, office+"[profile.auth]\nlocal_id = { type = \"user_fqdn\", value = \"{email}\" }")
	if _, err := b.try("user,e-mail\nlisa,us@example.com\nbart,us@example.com"); err == nil || !strings.Contains(err.Error(), "A3 (user): the same identity as A2") {
		t.Errorf("%v", err)
	}
	for everybody, cell := range map[string]string{"*@example.com": "B2 (e-mail)", "%any@example.com": "A2 (user): the identity", "^.+@example.com$": "A2 (user): the identity"} {
		if _, err := b.try("user,e-mail\nlisa," + everybody); err == nil || !strings.Contains(err.Error(), cell) {
			t.Errorf("%s: %v", everybody, err)
		}
	}
	for id, csv := range map[string]string{
		`{ type = "key_id", value = "{name}" }`: "user,name\nlisa,*",
		`{ type = "dn", value = "CN={name}" }`:  "user,name\nlisa,L*",
	} {
		if _, err := newAdmin(t, office+"[profile.auth]\nlocal_id = "+id).try(csv); err == nil || !strings.Contains(err.Error(), "A2 (user): the identity") {
			t.Errorf("%s: %v", id, err)
		}
	}
	b.issue("user,e-mail\nlisa,lisa@example.com")
	b.vault = Vault{}
	if _, err := b.try("user,e-mail\nlisa,lisa@example.com"); err == nil || !strings.Contains(err.Error(), "folder of the last time") {
		t.Errorf("%v", err)
	}
}

// A folder of secrets is one site's, from its first issue on; what is older than
// the names of sites is taken over once.
func TestVaultFitsItsSite(t *testing.T) {
	a, b := newAdmin(t, office), newAdmin(t, office)
	a.issue("user\nlisa")
	b.issue("user\nlisa")
	named := a.state.Site
	a.issue("user\nlisa\nbart")
	want(t, a.state.Site, named)
	old, oldVault := a.state, maps.Clone(a.vault)
	old.Site = ""
	delete(oldVault, siteEntry)
	for _, c := range []struct {
		what  string
		vault Vault
		state State
		fits  bool
	}{
		{"its own", a.vault, a.state, true},
		{"another's", a.vault, b.state, false},
		{"another's, at the first issue", a.vault, State{}, false},
		{"another's, older", a.vault, old, false},
		{"an empty one", Vault{}, a.state, true},
		{"an empty one, at the first issue", Vault{}, State{}, true},
		{"an older one", oldVault, old, true},
		{"an older one, at the first issue", oldVault, State{}, false},
		{"an older one of another's", oldVault, b.state, false},
	} {
		if got := c.vault.Fits(c.state); got != c.fits {
			t.Errorf("%s: %t", c.what, got)
		}
	}
	a.state, a.vault = old, oldVault
	if a.issue("user\nlisa\nbart"); a.state.Site == "" || !a.vault.Fits(a.state) {
		t.Error("not taken over")
	}
}

// What is sealed opens, with the passphrase on the sheet alone.
func TestSealedOpens(t *testing.T) {
	i := newAdmin(t, office).issue("user,name\nlisa,Lisa & <Lisa>\nbart")
	done := 0
	sealed, err := i.Seal(context.Background(), nil, func(n int) { done = n })
	if err != nil || done != 2 {
		t.Fatalf("%v, %d done", err, done)
	}
	files, err := i.Files(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for at, u := range i.Users {
		s, err := profile.ParseEXP(file(t, files, u.Name+".exp").Data)
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := s.Open(s.DeriveKey(i.Users[at].Secrets.Passphrase.Reveal()))
		if err != nil || p.Network.VirtualIP.Address != u.VirtualIP || s.Header.Support != "helpdesk@example.com" {
			t.Errorf("%+v, %v", p, err)
		}
	}
	for _, f := range files {
		for _, u := range i.Users {
			if !f.Secret && (bytes.Contains(f.Data, u.Secrets.Passphrase.Reveal()) || bytes.Contains(f.Data, u.Secrets.Key.Reveal())) {
				t.Errorf("%s holds a secret", f.Name)
			}
		}
	}
	sheet := string(file(t, files, "instructions/lisa.html").Data)
	for _, text := range []string{"Lisa &amp; &lt;Lisa&gt;", "lisa.exp", "helpdesk@example.com", `lang="ja"`, "So verbinden Sie sich"} {
		if !strings.Contains(sheet, text) {
			t.Errorf("the sheet does not say %s", text)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := i.Seal(cancelled, nil, func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The first failure ends the work.
func TestFailureEndsTheWork(t *testing.T) {
	var begun atomic.Int32
	broken := errors.New("broken")
	err := onAllCores(context.Background(), 10000, func(int) {}, func(int) error { begun.Add(1); return broken })
	if n := begun.Load(); !errors.Is(err, broken) || errors.Is(err, context.Canceled) || n > 5000 {
		t.Errorf("%d begun", n)
	}
}

func file(t *testing.T, files []File, name string) File {
	t.Helper()
	at := slices.IndexFunc(files, func(f File) bool { return f.Name == name })
	if at < 0 {
		t.Fatalf("there is no %s", name)
	}
	return files[at]
}

// Names of people are no formulas, and signs of keys no syntax.
func TestGatewayFilesAreSafe(t *testing.T) {
	i := newAdmin(t, office).issue("user;name;secret\nlisa;=HYPERLINK(1);\"a\"\"key}with{signs\\and=more\"")
	files, err := i.gatewayFiles()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(files["firebox-users.csv"]); !strings.Contains(got, "'=HYPERLINK") || !strings.Contains(got, `"a""key}with{signs\and=more"`) {
		t.Error(got)
	}
	b := newAdmin(t, office)
	odd, err := b.issue("user,secret\n+49 170,=a-key-of-one's-own").gatewayFiles()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(odd["firebox-users.csv"]); !strings.Contains(got, "\n'+49 170,'=a-key") || !strings.Contains(string(odd["checklist.txt"]), "is not entered") {
		t.Error(got)
	}
	if got := string(odd["swanctl.conf"]); !strings.Contains(got, `id = "email:+49 170"`) {
		t.Error(got)
	}
	if got := string(files["swanctl.conf"]); strings.Contains(got, "key}with") || !strings.Contains(got, "secret = 0sYSJrZXl9d2l0aHtzaWduc1xhbmQ9bW9yZQ==") ||
		!strings.Contains(got, `id = "email:lisa"`) || !strings.Contains(got, "remote_ts = 192.168.10.3/32") {
		t.Error(got)
	}
}

// A full tunnel leads to the addresses of both kinds, if the user has one of them.
func TestFullTunnel(t *testing.T) {
	for pool, want := range map[string]string{"192.168.10.1-192.168.10.10": "local_ts = 0.0.0.0/0\n", "fd00::1-fd00::9": "local_ts = 0.0.0.0/0, ::/0\n"} {
		text := strings.Replace(strings.Replace(office, "192.168.10.1-192.168.10.10", pool, 1), `networks = ["192.168.10.0/24"]`, "full_tunnel = true", 1)
		files, err := newAdmin(t, text).issue("user\nlisa").gatewayFiles()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(files["swanctl.conf"]); !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

// Every language has every text, with the same values in it.
func TestEveryTextOfTheSheetsIsTranslated(t *testing.T) {
	all, err := newTypist(nil)
	if err != nil {
		t.Fatal(err)
	}
	values := regexp.MustCompile(`\{[a-z]+\}`)
	said := regexp.MustCompile(`\.Say "([^"]+)"`).FindAllStringSubmatch(papersText, -1)
	used := map[string]bool{}
	for _, m := range said {
		used[m[1]] = true
	}
	for _, l := range all.all {
		for text := range used {
			if translated := l.texts[text]; !slices.Equal(values.FindAllString(text, -1), values.FindAllString(translated, -1)) {
				sorted := func(s string) []string { v := values.FindAllString(s, -1); slices.Sort(v); return v }
				if translated == "" || !slices.Equal(sorted(text), sorted(translated)) {
					t.Errorf("%s: %q becomes %q", l.Tag, text, translated)
				}
			}
			if l.Tag == "en" && l.texts[text] != text {
				t.Errorf("English has another text for %q", text)
			}
		}
		if len(l.texts) != len(used) {
			t.Errorf("%s has %d texts, %d are used", l.Tag, len(l.texts), len(used))
		}
	}
}

func TestPool(t *testing.T) {
	for text, want := range map[string]string{
		"10.9.0.0/30": "10.9.0.1-10.9.0.2", "10.9.0.0/31": "10.9.0.0-10.9.0.1", "10.9.0.7": "10.9.0.7-10.9.0.7",
		"10.9.0.250 - 10.9.1.5": "10.9.0.250-10.9.1.5", "fd00::/126": "fd00::-fd00::3",
		"10.9.0.5-10.9.0.4": "", "10.9.0.1-fd00::1": "", "10.9.0.0/33": "", "all": "", "": "",
	} {
		var r Range
		err := r.UnmarshalText([]byte(text))
		if got, _ := r.MarshalText(); (err == nil) != (want != "") || err == nil && string(got) != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	if _, ok := nextFree([]Range{Hosts(netip.MustParsePrefix("fd00::/64"))}, func(netip.Addr) bool { return true }); ok {
		t.Error("an address was found where all are taken")
	}
	if a, ok := nextFree([]Range{Hosts(netip.MustParsePrefix("255.255.255.254/31"))}, func(a netip.Addr) bool { return a.As4()[3] == 254 }); !ok || a.As4()[3] != 255 {
		t.Errorf("%s, %v", a, ok)
	}
}

// A thousand users, but for the derivation of keys, which BenchmarkSeal has, and
// for the files.
func BenchmarkThousandWithoutKeys(b *testing.B) {
	csv := "user,name,e-mail\n"
	for n := range 1000 {
		csv += fmt.Sprintf("user%04d,User %d,user%d@example.com\n", n, n, n)
	}
	text := strings.Replace(office, "192.168.10.1-192.168.10.10", "10.9.0.0/16", 1)
	for b.Loop() {
		s, _, err := ParseSite([]byte(text))
		if err != nil {
			b.Fatal(err)
		}
		table, err := roster.Read([]byte(csv))
		if err != nil {
			b.Fatal(err)
		}
		users, faults := table.Users()
		state, _ := ParseState(nil)
		i, err := Make(Order{Site: s, Roster: users, State: state, Vault: Vault{}, Now: noon, Random: rand.Reader}, faults)
		if err != nil {
			b.Fatal(err)
		}
		sealed, err := i.sealBy(context.Background(), func(int) {}, func(u *Issued) ([]byte, error) { return u.Profile.MarshalWithSecrets() })
		if err != nil {
			b.Fatal(err)
		}
		if _, err := i.Files(sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// One profile a core, with the key derivation that is written.
func BenchmarkSeal(b *testing.B) {
	s, _, err := ParseSite([]byte(office))
	if err != nil {
		b.Fatal(err)
	}
	table, _ := roster.Read([]byte("user\nlisa\nbart\n"))
	users, _ := table.Users()
	state, _ := ParseState(nil)
	i, err := Make(Order{Site: s, Roster: users, State: state, Vault: Vault{}, Now: noon, Random: rand.Reader}, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := i.Seal(context.Background(), nil, func(int) {}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*500/float64(b.N), "s/1000-users")
}
