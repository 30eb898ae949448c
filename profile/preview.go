package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Preview is what is shown of a profile before it is stored. It holds no
// secret.
type Preview struct {
	Format   string     `json:"format"`
	Name     string     `json:"name"`
	User     string     `json:"user,omitempty"`
	UUID     string     `json:"uuid,omitempty"`
	Serial   uint64     `json:"serial,omitempty"`
	Issuer   string     `json:"issuer,omitempty"`
	Support  string     `json:"support,omitempty"`
	Signer   string     `json:"signer,omitempty"` // fingerprint, or File.Signer; empty: not signed
	Issued   *time.Time `json:"issued,omitempty"`
	Expires  *time.Time `json:"expires,omitempty"`
	Gateways []string   `json:"gateways"`
	Preset   string     `json:"preset,omitempty"` // the make whose defaults count
	Identity string     `json:"identity"`
	// Certificate is the user's: whose, by whom, until when.
	Certificate string   `json:"certificate,omitempty"`
	Exchange    string   `json:"exchange"`
	IKE         []string `json:"ike"`
	ESP         []string `json:"esp"`
	Weakest     Strength `json:"weakest"` // what the gateway may choose at worst
	Best        Strength `json:"best"`    // and at best
	Legacy      bool     `json:"legacy"`  // broken cryptography is allowed
	// AsksPSK and PSKIsPassphrase say where the pre-shared key comes from
	// when it is not in the profile.
	AsksPSK         bool     `json:"asks_psk"`
	PSKIsPassphrase bool     `json:"psk_is_passphrase"`
	VirtualIP       string   `json:"virtual_ip"`
	Networks        []string `json:"networks"`
	Warnings        []string `json:"warnings,omitempty"`
}

// Preview shows the profile of a file: f.Profile, or what f.Sealed.Open gave.
// The keys that Open ignored are named among the warnings.
func (f *File) Preview(p Profile, ignored []string) Preview {
	v := preview(p)
	v.Format, v.Signer = f.Format, f.Signer
	v.Warnings = slices.Concat(f.Warnings, ignoredKeys(ignored), p.Warnings())
	if f.Sealed == nil {
		return v
	}
	h := f.Sealed.Header
	v.Signer = Fingerprint(h.Signer)
	v.Issued, v.Expires = moment(h.Issued), moment(h.Expires)
	if h.Signer == nil {
		v.Warnings = append(v.Warnings, "The file is not signed: whoever knows the passphrase can change it.")
	}
	return v
}

// ignoredKeys is one warning for each key that is not taken over.
func ignoredKeys(keys []string) []string {
	var out []string
	for _, key := range keys {
		out = append(out, key+" is ignored: it is no setting of a profile.")
	}
	return out
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func preview(p Profile) Preview {
	e := p.Effective()
	weakest, best := p.Strength()
	v := Preview{
		Name: e.Name, User: e.User,
		UUID: e.Meta.UUID, Serial: e.Meta.Serial, Issuer: e.Meta.Issuer, Support: e.Meta.Support,
		Gateways: e.Gateway.Addresses,
		Identity: e.Auth.LocalID.describe(), Certificate: e.Auth.describe(),
		Exchange: e.exchange(),
		IKE:      e.IKE.Proposals, ESP: e.ESP.Proposals,
		Weakest: weakest, Best: best, Legacy: e.Policy.Security == "legacy",
		AsksPSK: e.Auth.PSK.Source == "prompt", PSKIsPassphrase: e.Auth.PSK.Source == "passphrase",
		VirtualIP: e.Network.VirtualIP.describe(),
		Networks:  e.Network.describe(),
	}
	if _, ok := p.preset(); ok {
		v.Preset = p.Gateway.Vendor
	}
	return v
}

func (id ID) describe() string {
	switch {
	case id == ID{}:
		return "the name in the certificate"
	case id.Type == "ipv4" && id.Value == "":
		return "this computer's address"
	}
	return fmt.Sprintf("%s (%s)", id.Value, id.Type)
}

func (p Profile) exchange() string {
	if p.IKE.Version == 2 {
		return "IKEv2, " + p.Auth.Method
	}
	mode := strings.ToUpper(p.IKE.Exchange[:1]) + p.IKE.Exchange[1:]
	return "IKEv1 " + mode + " Mode, " + p.Auth.Method
}

func (v VirtualIP) describe() string {
	if v.Address.IsValid() {
		return v.Address.String()
	}
	return "given by the gateway"
}

func (n Network) describe() []string {
	switch {
	case n.FullTunnel:
		return []string{"everything"}
	case len(n.Networks) == 0:
		return []string{"as the gateway says"}
	}
	out := make([]string, len(n.Networks))
	for i, p := range n.Networks {
		out[i] = p.String()
	}
	return out
}

// Lines is the preview for a terminal, one fact a line, warnings last.
func (v Preview) Lines() []string {
	facts := [][2]string{
		{"Profile", withDetail(v.Name, v.User)},
		{"From", strings.Join(nonEmpty(v.Format, v.Issuer, v.issue()), ", ")},
		{"Signed by", cmp.Or(v.Signer, "nobody")},
		{"Expires", day(v.Expires)},
		{"Support", v.Support},
		{"Gateway", withDetail(strings.Join(v.Gateways, ", "), v.preset())},
		{"Identity", v.Identity},
		{"Certified", v.Certificate},
		{"Exchange", v.Exchange},
		{"Phase 1", strings.Join(v.IKE, ", ")},
		{"Phase 2", strings.Join(v.ESP, ", ")},
		{"Strength", v.strength()},
		{"Virtual IP", v.VirtualIP},
		{"Networks", strings.Join(v.Networks, ", ")},
	}
	var lines []string
	for _, f := range facts {
		if f[1] != "" {
			lines = append(lines, fmt.Sprintf("%-11s %s", f[0]+":", f[1]))
		}
	}
	for _, w := range v.Warnings {
		lines = append(lines, "Warning:    "+w)
	}
	return lines
}

func withDetail(s, detail string) string {
	if detail == "" {
		return s
	}
	return s + " (" + detail + ")"
}

func (v Preview) preset() string {
	if v.Preset == "" {
		return ""
	}
	return "preset " + v.Preset
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func (v Preview) issue() string {
	if v.Serial == 0 {
		return ""
	}
	return fmt.Sprintf("serial %d", v.Serial)
}

func (v Preview) strength() string {
	if v.Weakest == v.Best {
		return v.Best.String()
	}
	return fmt.Sprintf("%s to %s, as the gateway chooses", v.Weakest, v.Best)
}

func day(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format("2006-01-02")
}
