package chart

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"muvpn/client/issuing"
	"muvpn/client/issuing/roster"
)

var update = flag.Bool("update", false, "draw docs/map.svg anew")

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// chart is that of a site and a roster in CSV; without one of the site alone.
func chart(t *testing.T, site, csv string, state issuing.State) *Chart {
	t.Helper()
	s, _, err := issuing.ParseSite([]byte(site))
	if err != nil {
		t.Fatal(err)
	}
	if csv == "" {
		return New(s, nil, roster.List{})
	}
	table, err := roster.Read([]byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	list, found := table.Users()
	i, faults, err := issuing.Draft(issuing.Order{Site: s, Roster: list, State: state, Now: noon}, found)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return New(s, i, list)
}

func draw(t *testing.T, c *Chart) string {
	t.Helper()
	picture, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	return string(picture)
}

func sample(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The picture in the documents is that of the site beside it.
func TestSample(t *testing.T) {
	got := draw(t, chart(t, sample(t, "map/site.toml"), sample(t, "map/users.csv"), issuing.State{}))
	if *update {
		if err := os.WriteFile("../../../docs/map.svg", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != sample(t, "map.svg") {
		t.Error("docs/map.svg is another picture (go test ./client/issuing/chart -update draws it)")
	}
	look(t, got)
}

const office = `
[site]
issuer = "Example Ltd"
support = "helpdesk@example.com"
pool = ["10.99.0.0/20"]
%s
[profile]
name = "Office"
[profile.gateway]
addresses = ["firebox.example.com"]
[profile.network]
networks = ["10.83.16.0/24"]
dns = ["10.83.16.2", "192.0.2.53"]
exclude = ["10.83.16.128/25"]
`

// text is one that a picture shows, with its place.
type text struct {
	x, y, size float64
	s          string
}

// rect is a box, or a frame.
type rect struct {
	class      string
	x, y, w, h float64
}

func (r rect) holds(s rect) bool {
	return r.x <= s.x && r.y <= s.y && r.x+r.w >= s.x+s.w && r.y+r.h >= s.y+s.h
}

func (r rect) apart(s rect) bool {
	return r.x+r.w <= s.x || s.x+s.w <= r.x || r.y+r.h <= s.y || s.y+s.h <= r.y
}

// parse reads a picture as any viewer does, and refuses what could do something.
func parse(t *testing.T, svg string) (texts []text, rects []rect) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	sizes := map[string]float64{"title": titleSize, "head": headSize, "text": textSize}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return texts, rects
		}
		if err != nil {
			t.Fatalf("%v in\n%.300s", err, svg)
		}
		e, is := token.(xml.StartElement)
		if !is {
			continue
		}
		at := map[string]string{}
		for _, a := range e.Attr {
			if a.Name.Space == "" && strings.HasPrefix(a.Name.Local, "on") || strings.HasSuffix(a.Name.Local, "href") {
				t.Errorf("an attribute %s", a.Name.Local)
			}
			at[a.Name.Local] = a.Value
		}
		number := func(name string) float64 { f, _ := strconv.ParseFloat(at[name], 64); return f }
		switch e.Name.Local {
		case "text":
			var s string
			if err := d.DecodeElement(&s, &e); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text{number("x"), number("y"), sizes[at["class"]], s})
		case "rect":
			rects = append(rects, rect{at["class"], number("x"), number("y"), number("width"), number("height")})
		case "svg", "title", "desc", "style", "g", "path":
		default:
			t.Errorf("an element %s", e.Name.Local)
		}
	}
}

// look finds what cannot be read: a text that is cut, a box on another, anything
// beyond the paper.
func look(t *testing.T, svg string) {
	t.Helper()
	texts, rects := parse(t, svg)
	paper := rects[0]
	var boxes []rect
	for _, r := range rects[1:] {
		if !paper.holds(r) {
			t.Errorf("%+v is beyond the paper", r)
		}
		if strings.HasPrefix(r.class, "box") {
			if r.w > 1.1*wrapAt+2*sideRoom {
				t.Errorf("%+v is too wide", r)
			}
			boxes = append(boxes, r)
		}
	}
	for i, r := range boxes {
		for _, s := range boxes[:i] {
			if !r.apart(s) {
				t.Errorf("%+v lies on %+v", r, s)
			}
		}
	}
	for _, x := range texts[1:] {
		area := rect{x: x.x, y: x.y - x.size, w: measure(x.s, x.size), h: x.size}
		fits := false
		for _, r := range rects[1:] {
			fits = fits || r.holds(area)
		}
		if !fits {
			t.Errorf("%q is cut", x.s)
		}
	}
	bare := regexp.MustCompile(`(<(?:text|title|desc)[^>]*>)[^<]*`).ReplaceAllString(svg, "$1")
	for _, never := range []string{"<script", "http://", "https://", "url(", "@import", "<!"} {
		if strings.Contains(strings.Replace(bare, `xmlns="http://www.w3.org/2000/svg"`, "", 1), never) {
			t.Errorf("the picture has %q", never)
		}
	}
}

// all is every text of a picture.
func all(svg string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(svg, " ")), " ")
}

// Whatever stands in names, the picture is one, and nothing is cut.
func TestHostileNames(t *testing.T) {
	for name, bad := range map[string]string{
		"markup":          `</text><script>alert(1)</script><a href="http://x">&amp;`,
		"CDATA":           `]]><![CDATA[<!ENTITY x SYSTEM "file:///etc/passwd">]]>`,
		"quotes":          `" onload="alert(1)' x='`,
		"long":            strings.Repeat("W", 256),
		"long in Chinese": strings.Repeat("网络", 42),
		"long with marks": strings.Repeat("a\u0301", 85),
		"right to left":   "שלום עולם مرحبا",
		"turned":          "abc\u202eefg\u2066hij\u200f",
		"lines":           "one\ntwo\r\nthree\tfour\u2028five",
		"control":         "a\x00b\x1bc\x7fd\u0085",
		"broken":          "a\xffb\xc3",
		"no character":    "a\ufffe\uffffb",
		"emoji":           "👩\u200d💻 family 👨\u200d👩\u200d👧",
		"empty":           "",
	} {
		t.Run(name, func(t *testing.T) {
			c := chart(t, fmt.Sprintf(office, ""), "user\nlisa\nbart", issuing.State{})
			c.Title = bad
			c.homes, c.office, c.gateway = []string{bad}, []string{bad}, append(c.gateway, bad)
			c.networks[0].name, c.networks[0].lines = bad, []string{bad, bad}
			c.groups[0].title, c.groups[0].users, c.groups[0].inner = bad, []string{bad, bad}, []string{bad}
			got := draw(t, c)
			look(t, got)
			if !utf8.ValidString(got) || strings.ContainsAny(all(got), "\u202e\u2066\u200f\x1b\x00") {
				t.Errorf("characters that do something passed: %q", all(got))
			}
		})
	}
}

// The same site and roster give the same octets.
func TestSameOctets(t *testing.T) {
	want := draw(t, chart(t, thousandSite(), thousand(), issuing.State{}))
	for range 5 {
		if got := draw(t, chart(t, thousandSite(), thousand(), issuing.State{})); got != want {
			t.Fatal("another picture")
		}
	}
}

func thousandSite() string { return fmt.Sprintf(office, "") }

// thousand is a roster of a thousand users in seven groups.
func thousand() string {
	var b bytes.Buffer
	b.WriteString("user,networks\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "user%04d,", i)
		if k := i % 10; k > 3 {
			fmt.Fprintf(&b, "10.84.%d.0/24 10.83.16.0/24", k)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// A thousand users are as many boxes as there are sets of networks.
func TestThousand(t *testing.T) {
	got := draw(t, chart(t, thousandSite(), thousand(), issuing.State{}))
	look(t, got)
	if shown := all(got); !strings.Contains(shown, "400 users user0000, user0001, user0002, user0003, user0010,") || !strings.Contains(shown, "and 389 more") || strings.Count(shown, "100 users") < 6 {
		t.Error(shown)
	}
	if _, rects := parse(t, got); len(rects) > 40 {
		t.Errorf("%d rectangles", len(rects))
	}
}

// However many groups and networks there are, the picture stays one that can be
// looked at, and says how many it leaves out.
func TestTooMany(t *testing.T) {
	csv := "user,networks\n"
	for i := range 300 {
		csv += fmt.Sprintf("user%d,10.84.%d.0/24 10.85.%d.0/24\n", i, i%250, i%60)
	}
	c := chart(t, thousandSite(), csv, issuing.State{})
	if len(c.groups) != mostGroups || len(c.networks) != mostNetworks {
		t.Errorf("%d groups, %d networks", len(c.groups), len(c.networks))
	}
	users := 0
	for _, g := range c.groups {
		users += g.size
	}
	got := draw(t, c)
	look(t, got)
	if shown := all(got); users != 300 || !strings.Contains(shown, "271 more networks") || !strings.Contains(shown, "in 277 more groups") {
		t.Error(users, shown)
	}
}

// Who is revoked is not drawn, nor counted as a user; whose profile goes by the
// whole internet is; a part of a network is no more than a part.
func TestWhatIsShown(t *testing.T) {
	named := `networks = [{ name = "Trusted", network = "10.83.16.0/24", domain = "example.com" },
  { name = "Lab", network = "10.84.0.0/16", domain = "lab.example.com", secondary = true }, { name = "Attic", network = "10.86.0.0/24" }]`
	site := fmt.Sprintf(office, named)
	state := issuing.State{Users: map[string]issuing.Record{"homer": {UUID: "1", Digest: "x", Revoked: noon, VirtualIP: netip.MustParseAddr("10.99.0.1")}}}
	got := all(draw(t, chart(t, site, "user,networks\nlisa\nbart\nhomer\nmarge,10.84.3.0/24", state)))
	for _, want := range []string{"2 users lisa, bart", "1 user marge", "virtual IP 10.99.0.2 – 10.99.0.3", "firebox.example.com IKE, UDP 500 and 4500",
		"pool 10.99.0.1 – 10.99.15.254", "4094 addresses, 3 used, 1 of revoked users, 4090 free", "Trusted 10.83.16.0/24 example.com DNS 10.83.16.2",
		"Lab 10.84.0.0/16 lab.example.com secondary network", "10.84.3.0/24 part of Lab", "Attic 10.86.0.0/24 nobody reaches it", "DNS 192.0.2.53, in none of them",
		"stays outside the tunnel: 10.83.16.128/25", "1 user (marge) reaches 10.84.3.0/24.", "Nobody reaches Attic 10.86.0.0/24."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if strings.Contains(got, "homer") || strings.Contains(got, "Full tunnel") {
		t.Error(got)
	}
	full := strings.Replace(site, `networks = ["10.83.16.0/24"]`, "full_tunnel = true", 1)
	got = all(draw(t, chart(t, full, "user,networks\nlisa\nbart,10.83.16.0/24", issuing.State{})))
	if !strings.Contains(got, "Full tunnel everything: all networks") || !strings.Contains(got, "1 user (lisa) reaches everything, by a full tunnel.") || strings.Contains(got, "obody") {
		t.Error(got)
	}
	got = all(draw(t, chart(t, site, "", issuing.State{})))
	if !strings.Contains(got, "All users no roster was given") || !strings.Contains(got, "virtual IP from the pool") || !strings.Contains(got, "4094 addresses, 4094 free") {
		t.Error(got)
	}
}

// Arrows lead to boxes: each begins and ends at an edge of one.
func TestArrowsTouchBoxes(t *testing.T) {
	svg := draw(t, chart(t, thousandSite(), thousand(), issuing.State{}))
	_, rects := parse(t, svg)
	tips := regexp.MustCompile(`class="tip [^"]*" d="M([0-9.]+) ([0-9.]+)L`).FindAllStringSubmatch(svg, -1)
	for _, m := range tips {
		x, _ := strconv.ParseFloat(m[1], 64)
		y, _ := strconv.ParseFloat(m[2], 64)
		touches := false
		for _, r := range rects {
			touches = touches || strings.HasPrefix(r.class, "box") && x >= r.x-1 && x <= r.x+1 && y >= r.y && y <= r.y+r.h
		}
		if !touches {
			t.Errorf("the arrow at %s, %s leads to no box", m[1], m[2])
		}
	}
	if len(tips) != 7+13 {
		t.Errorf("%d arrows", len(tips))
	}
}
