package profile

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sparse says who the user is and whom he wants to reach, and nothing else.
func sparse(vendor string) Profile {
	p := office()
	p.Gateway.Vendor, p.IKE, p.ESP = vendor, IKE{}, ESP{}
	return p
}

// Every vendor that may be named has a preset, which is good as it stands and
// never needs broken cryptography.
func TestPresetsAreGood(t *testing.T) {
	for _, vendor := range vendors[1:] {
		v, ok := presets[vendor]
		if !ok {
			t.Errorf("%s has no preset", vendor)
			continue
		}
		p := sparse(vendor)
		if err := p.Validate(); err != nil || p.NeedsLegacy() {
			t.Errorf("%s: %v, needs legacy: %v", vendor, err, p.NeedsLegacy())
		}
		e := p.Effective()
		got := preset{
			e.IKE.Exchange, e.IKE.Proposals, e.IKE.Lifetime.Duration, e.ESP.Proposals, e.ESP.Lifetime.Duration, e.ESP.PFS, v.virtualIP,
		}
		if diff := cmp.Diff(v, got, cmp.AllowUnexported(preset{})); diff != "" {
			t.Errorf("%s is not what Effective fills in (-preset +effective):\n%s", vendor, diff)
		}
	}
	if len(presets) != len(vendors)-1 {
		t.Errorf("%d presets for %d vendors", len(presets), len(vendors)-1)
	}
}

// What the profile says is never replaced by a preset.
func TestAProfileIsStrongerThanItsPreset(t *testing.T) {
	for vendor := range presets {
		p := everything()
		want := p.Effective()
		p.Gateway.Vendor, want.Gateway.Vendor = vendor, vendor
		if diff := cmp.Diff(want, p.Effective(), same); diff != "" {
			t.Errorf("%s (-said +effective):\n%s", vendor, diff)
		}
	}
}

func TestPresetAndVirtualIP(t *testing.T) {
	p := sparse("cisco")
	if mode := p.Effective().Network.VirtualIP.Mode; mode != "static" {
		t.Errorf("with an address: %s", mode)
	}
	p.Network.VirtualIP.Address = netip.Addr{}
	if mode := p.Effective().Network.VirtualIP.Mode; mode != "mode-config" {
		t.Errorf("without: %s", mode)
	}
}

// Security "standard" does not give way to a preset, and "legacy" does not
// make it weaker.
func TestPresetsDoNotKnowSecurity(t *testing.T) {
	for vendor := range presets {
		p := sparse(vendor)
		standard := p.Effective()
		p.Policy.Security = "legacy"
		if diff := cmp.Diff(standard.IKE, p.Effective().IKE); diff != "" || p.NeedsLegacy() {
			t.Errorf("%s: legacy changes it:\n%s", vendor, diff)
		}
		p.Policy.Security, p.ESP.Proposals = "standard", []string{"des-md5"}
		if p.Validate() == nil {
			t.Errorf("%s: DES is accepted", vendor)
		}
	}
}

func TestNoPresetForIKEv2(t *testing.T) {
	p := sparse("cisco")
	p.IKE.Version = 2
	e := p.Effective()
	if e.ESP.Lifetime.Duration != time.Hour || !slices.Equal(e.IKE.Proposals, defaultIKE) {
		t.Errorf("%+v %+v", e.IKE, e.ESP)
	}
	if v := preview(p); v.Preset != "" {
		t.Errorf("preset %q is shown", v.Preset)
	}
}

func TestPreviewNamesThePreset(t *testing.T) {
	lines := strings.Join((&File{}).Preview(sparse("watchguard"), nil).Lines(), "\n")
	for _, want := range []string{
		"Gateway:    firebox.example.com, 198.51.100.7 (preset watchguard)\n",
		"Phase 1:    aes256-sha256-modp2048, aes256-sha1-modp1024, 3des-sha1-modp1024\n",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("want %q in:\n%s", want, lines)
		}
	}
}

// TestPresetsAreDocumented compares the table of docs/exp.md with the presets.
func TestPresetsAreDocumented(t *testing.T) {
	doc := readDoc(t)
	for vendor, v := range presets {
		row := fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", vendor, v.exchange,
			strings.Join(v.ike, ", "), Every(v.ikeLifetime), strings.Join(v.esp, ", "), Every(v.espLifetime), v.pfs, v.virtualIP)
		if !strings.Contains(doc, row) {
			t.Errorf("docs/exp.md lacks the row\n%s", row)
		}
	}
}
