package page

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"muvpn/client/explain/logs"
	"muvpn/client/explain/story"
)

// hostile is a log whose every word wants to be more than text.
const hostile = `2026-11-23T21:15:02.100Z INFO  CONNECT [<script>alert(1)</script>] Connecting to "><img src=x onerror=alert(1)>
2026-11-23T21:15:02.200Z INFO  IKE_TX [<script>alert(1)</script>] TO 198.51.100.1 AG-HDR ISA_SA ISA_KE ISA_NONCE ISA_ID CKY-I=59a890ca017b9ea4 CKY-R=0000000000000000
2026-11-23T21:15:02.200Z DEBUG IKE_PAYLOAD [<script>alert(1)</script>] ISA_ID USER_FQDN "</title><svg/onload=alert(1)>"
2026-11-23T21:15:03.200Z ERROR FAILED [<script>alert(1)</script>] P1_PROPOSAL (gateway): notify </text><script>alert(1)</script>; expected {{.Secret}}. x
`

func page(log string) string {
	return string(Of(story.Tell(logs.Read(`"><b>x`, []byte(log)), nil, []*logs.Log{logs.Read("</table><i>", []byte("what\n"))})))
}

// Whatever the logs say stays text, and the page asks for nothing from elsewhere.
func TestNothingEscapes(t *testing.T) {
	got := page(hostile)
	elements := map[string]bool{"!DOCTYPE": true, "html": true, "head": true, "meta": true, "title": true, "style": true, "body": true, "main": true,
		"div": true, "h1": true, "h2": true, "p": true, "strong": true, "dl": true, "dt": true, "dd": true, "ul": true, "li": true, "svg": true, "g": true,
		"line": true, "text": true, "circle": true, "polygon": true, "table": true, "tr": true, "th": true, "td": true, "footer": true}
	for _, m := range regexp.MustCompile(`<(/?)([^\s/>]*)`).FindAllStringSubmatch(got, -1) {
		if !elements[m[2]] {
			t.Errorf("there is an element %q", m[2])
		}
	}
	if m := regexp.MustCompile(`<[^>]*\s(on\w+|src|href|style)\s*=`).FindString(got); m != "" {
		t.Errorf("there is %q", m)
	}
	if !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "P1_PROPOSAL") || !strings.Contains(got, "&lt;script&gt;alert(1)") {
		t.Error("what belongs into the page is missing")
	}
}

// The diagram is well-formed, and nothing in it is outside.
func TestDiagram(t *testing.T) {
	got := page(hostile)
	svg := got[strings.Index(got, "<svg") : strings.Index(got, "</svg>")+6]
	in := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := in.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	s := &story.Story{Steps: []story.Step{{From: story.OurSide, Text: strings.Repeat("word ", 300)}, {From: story.OtherSide, To: story.OurSide, Text: strings.Repeat("x", 500)}}}
	d := draw(s)
	for _, r := range d.Rows {
		if len(r.Lines) > maxLines || r.Y > d.Bottom || r.Y < 0 {
			t.Errorf("%+v", r)
		}
		for _, l := range r.Lines {
			if len([]rune(l.Text)) > 96 || l.Y > d.Height {
				t.Errorf("%+v", l)
			}
		}
	}
}
