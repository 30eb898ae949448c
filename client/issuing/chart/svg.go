package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"

	_ "embed"

	"muvpn/client/issuing"
)

//go:embed style.css
var style string

// colours is how many groups have a colour of their own; then they begin again.
const colours = 8

// box is what is drawn for a node.
type box struct {
	*node
	class string
	head  []string
	lines []string
	bar   *issuing.Use // a bar below the texts shows it; nil: none
}

// drawing is one picture while it is made.
type drawing struct {
	*Chart
	boxes  []*box
	edges  []*edge
	colour []int // of each edge
	out    bytes.Buffer
}

// SVG draws the chart. The same chart is drawn in the same octets.
func (c *Chart) SVG() ([]byte, error) {
	d := &drawing{Chart: c}
	nodes := d.build()
	width, height, err := layout(nodes, d.edges)
	if err != nil {
		return nil, fmt.Errorf("the picture cannot be laid out: %w", err)
	}
	const above = 56 // the title's room
	width = max(width, math.Ceil(measure(clean(c.Title), titleSize))+2*inset)
	fmt.Fprintf(&d.out, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="0 0 %g %g" role="img" aria-labelledby="map-title map-words">`+"\n",
		width, height+above, width, height+above)
	d.printf("<title id=\"map-title\">%s</title>\n<desc id=\"map-words\">%s</desc>\n", clean(c.Title), clean(c.Words()))
	fmt.Fprintf(&d.out, "<style>\n%s</style>\n", style)
	fmt.Fprintf(&d.out, `<rect class="paper" width="%g" height="%g" rx="10"/>`+"\n", width, height+above)
	d.text(point{inset, 36}, "title", c.Title)
	fmt.Fprintf(&d.out, "<g transform=\"translate(0 %d)\">\n", above-12)
	for _, b := range d.boxes {
		d.box(b)
	}
	for i, e := range d.edges {
		d.edge(e, d.colour[i]%colours)
	}
	d.out.WriteString("</g>\n</svg>\n")
	return d.out.Bytes(), nil
}

// printf writes texts, each made harmless.
func (d *drawing) printf(format string, texts ...string) {
	safe := make([]any, len(texts))
	for i, s := range texts {
		var b strings.Builder
		xml.EscapeText(&b, []byte(s))
		safe[i] = b.String()
	}
	fmt.Fprintf(&d.out, format, safe...)
}

func (d *drawing) text(at point, class, s string) {
	fmt.Fprintf(&d.out, `<text x="%g" y="%g" class="%s">`, at.x, at.y, class)
	d.printf("%s</text>\n", clean(s))
}

// The room in a box.
const (
	sideRoom = 14
	topRoom  = 10
)

// newBox is a box as large as its texts.
func newBox(id, class, head string, lines ...string) *box {
	b := &box{node: &node{id: id}, class: class, head: wrapped(head, headSize)}
	for _, l := range b.head {
		b.width = max(b.width, measure(l, headSize)*1.08) // bold is wider
	}
	for _, l := range lines {
		b.lines = append(b.lines, wrapped(l, textSize)...)
	}
	for _, l := range b.lines {
		b.width = max(b.width, measure(l, textSize))
	}
	b.width = math.Ceil(b.width) + 2*sideRoom
	b.height = math.Ceil(leading*float64(len(b.head)*headSize+len(b.lines)*textSize)) + 2*topRoom
	return b
}

// frame makes a box one around others, which become equally wide, and wide enough
// for its header.
func (b *box) frame(others []*box) *box {
	if b.bar != nil {
		b.height += barHeight
	}
	b.header = b.height - topRoom
	for _, o := range others {
		b.width = max(b.width, o.width)
	}
	for _, o := range others {
		o.width = b.width
		b.inner = append(b.inner, o.node)
	}
	b.width += 2 * inset
	return b
}

// build makes the boxes and arrows.
func (d *drawing) build() []*node {
	var users, doors []*box
	for i, g := range d.groups {
		class := fmt.Sprintf("box c%d", i%colours)
		id, door := fmt.Sprint("group ", i), fmt.Sprint("door ", i)
		users = append(users, newBox(id, class, g.title, strings.Join(g.users, ", ")))
		doors = append(doors, newBox(door, class, "virtual IP", strings.Join(g.inner, ", ")))
		d.arrow(id, door, i)
		for _, n := range g.to {
			d.arrow(door, fmt.Sprint("network ", n), i)
		}
		if g.full {
			d.arrow(door, "all", i)
		}
	}
	home := newBox("homes", "frame", "Internet", append([]string{"users at home and on the road"}, d.homes...)...).frame(users)
	gate := newBox("gateway", "frame gateway", "Gateway", d.gateway...)
	if d.pool.Size > 0 {
		gate.bar = &d.pool
	}
	d.boxes = append(d.boxes, home, gate.frame(doors))
	if networks := d.networkBoxes(); networks != nil {
		d.boxes = append(d.boxes, newBox("office", "frame", "Behind the gateway", d.office...).frame(networks))
		doors = append(doors, networks...)
	}
	if d.full {
		d.boxes = append(d.boxes, newBox("all", "box everything", "Full tunnel", "everything: all networks behind the gateway, and the internet by way of it"))
	}
	var nodes []*node
	for _, b := range d.boxes {
		nodes = append(nodes, b.node)
	}
	d.boxes = slices.Concat(d.boxes, users, doors)
	return nodes
}

// networkBoxes are those behind the gateway.
func (d *drawing) networkBoxes() (list []*box) {
	for i, n := range d.networks {
		class, lines := "box network", n.lines
		if !n.reached {
			class, lines = "box unreached", append(slices.Clone(lines), "nobody reaches it")
		}
		head := n.name
		if head == "" {
			head = n.Prefix.String()
		}
		list = append(list, newBox(fmt.Sprint("network ", i), class, head, lines...))
	}
	return list
}

func (d *drawing) arrow(from, to string, colour int) {
	d.edges, d.colour = append(d.edges, &edge{from: from, to: to}), append(d.colour, colour)
}

// box draws a box with its texts.
func (d *drawing) box(b *box) {
	fmt.Fprintf(&d.out, `<rect class="%s" x="%g" y="%g" width="%g" height="%g" rx="8"/>`+"\n", b.class, b.at.x, b.at.y, b.width, b.height)
	at := point{b.at.x + sideRoom, b.at.y + topRoom}
	for _, l := range b.head {
		at.y += headSize * leading
		d.text(point{at.x, at.y - headSize*0.4}, "head", l)
	}
	for _, l := range b.lines {
		at.y += textSize * leading
		d.text(point{at.x, math.Round(at.y - textSize*0.4)}, "text", l)
	}
	if b.bar != nil {
		d.bar(*b.bar, point{at.x, math.Round(at.y + 6)}, b.width-2*sideRoom)
	}
}

// barHeight is the room of the bar that shows the pool.
const barHeight = 20

// bar shows how full the pool is: used, then reserved and kept, then free.
func (d *drawing) bar(u issuing.Use, at point, width float64) {
	part := func(n uint64) float64 { return math.Round(width * float64(n) / float64(u.Size)) }
	used, kept := part(u.Used), part(u.Reserved+u.Revoked)
	fmt.Fprintf(&d.out, `<rect class="free" x="%g" y="%g" width="%g" height="10" rx="3"/>`+"\n", at.x, at.y, width)
	for _, p := range []struct {
		class    string
		x, width float64
	}{{"used", at.x, used}, {"kept", at.x + used, kept}} {
		if p.width > 0 {
			fmt.Fprintf(&d.out, `<rect class="%s" x="%g" y="%g" width="%g" height="10" rx="3"/>`+"\n", p.class, p.x, at.y, p.width)
		}
	}
}

// bend is the radius of an arrow's corners, tip the length of its head.
const (
	bend = 8
	tip  = 9
)

// edge draws an arrow.
func (d *drawing) edge(e *edge, colour int) {
	if len(e.way) < 2 {
		return
	}
	last := len(e.way) - 1
	end, back := e.way[last], toward(e.way[last], e.way[last-1], tip)
	way := append(slices.Clone(e.way[:last]), back)
	var path strings.Builder
	fmt.Fprintf(&path, "M%g %g", way[0].x, way[0].y)
	for i := 1; i < len(way)-1; i++ {
		r := min(bend, distance(way[i-1], way[i])/2, distance(way[i], way[i+1])/2)
		a, b := toward(way[i], way[i-1], r), toward(way[i], way[i+1], r)
		fmt.Fprintf(&path, "L%g %gQ%g %g %g %g", a.x, a.y, way[i].x, way[i].y, b.x, b.y)
	}
	fmt.Fprintf(&path, "L%g %g", back.x, back.y)
	fmt.Fprintf(&d.out, `<path class="way c%d" d="%s"/>`+"\n", colour, path.String())
	side := point{(end.y - back.y) / 2, (end.x - back.x) / 2}
	fmt.Fprintf(&d.out, `<path class="tip c%d" d="M%g %gL%g %gL%g %gZ"/>`+"\n", colour, end.x, end.y, back.x-side.x, back.y+side.y, back.x+side.x, back.y-side.y)
}

func distance(a, b point) float64 { return math.Hypot(b.x-a.x, b.y-a.y) }

// toward is the point that lies by so much from a on the way to b.
func toward(a, b point, by float64) point {
	if d := distance(a, b); d > 0 {
		return point{a.x + (b.x-a.x)*by/d, a.y + (b.y-a.y)*by/d}
	}
	return a
}
