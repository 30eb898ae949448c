package profile

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var tomlBlock = regexp.MustCompile("(?s)\n```toml\n(.*?\n)```\n")

// TestProfilesOfTheGatewaysPage reads every profile of docs/gateways.md: each
// is good as it stands, and there is one for every preset.
func TestProfilesOfTheGatewaysPage(t *testing.T) {
	text, err := os.ReadFile("../docs/gateways.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.ReplaceAll(string(text), "\r\n", "\n")
	blocks := tomlBlock.FindAllStringSubmatch(doc, -1)
	if n := strings.Count(doc, "```toml"); n != len(blocks) || n < len(presets) {
		t.Fatalf("%d of %d profiles are found", len(blocks), n)
	}
	missing := vendors[1:]
	for _, block := range blocks {
		p, ignored, err := ParseTOML([]byte(block[1]))
		if err == nil {
			err = p.Validate()
		}
		if err != nil || len(ignored) > 0 {
			t.Errorf("%v, ignored %v, in:\n%s", err, ignored, block[1])
		}
		if p.NeedsLegacy() != (p.Policy.Security == "legacy") {
			t.Errorf("%s: legacy is %v and security %q", p.Gateway.Vendor, p.NeedsLegacy(), p.Policy.Security)
		}
		if weak := PSKWarnings(p.Auth.PSK.Value); weak != nil {
			t.Errorf("%s shows a bad example: %v", p.Gateway.Vendor, weak)
		}
		missing = slices.DeleteFunc(slices.Clone(missing), func(v string) bool { return v == p.Gateway.Vendor })
	}
	if len(missing) > 0 {
		t.Errorf("no profile for %v", missing)
	}
}

// The strength that the page states for a preset's profile is the one that the
// preview shows.
func TestStrengthOfTheGatewaysPage(t *testing.T) {
	text, err := os.ReadFile("../docs/gateways.md")
	if err != nil {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n## ") {
		m, said := tomlBlock.FindStringSubmatch(section), regexp.MustCompile(`- Strength: .*`).FindString(section)
		if m == nil || said == "" {
			continue
		}
		p, _, err := ParseTOML([]byte(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		if _, best := p.Strength(); !strings.Contains(said, best.String()) {
			t.Errorf("%s: the page says %q, the preview at best %s", p.Gateway.Vendor, said, best)
		}
	}
}
