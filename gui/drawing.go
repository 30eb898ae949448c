package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"muvpn/profile"
)

// Drawing is the way that a profile makes: this computer, through the tunnel to
// the gateway, and what lies behind it.
type Drawing struct {
	Tunnel               string // what the first line is called
	Here, Gateway, There Place
}

// Place is a place in a Drawing.
type Place struct {
	Icon  string // of assets
	Name  string
	Lines []string
}

// placeLines is how many lines a place has room for; all are among the facts.
const placeLines = 3

// draw is the drawing of a profile.
func draw(v profile.Preview, w Words) *Drawing {
	d := &Drawing{
		Tunnel:  w("Tunnel"),
		Here:    Place{"computer", w("This computer"), []string{described(v.VirtualIP, w), described(v.Identity, w)}},
		Gateway: Place{"gateway", w("Gateway"), few(v.Gateways, w)},
		There:   Place{"office", w("Office"), few(v.Networks, w)},
	}
	if len(v.Networks) == 1 && v.Networks[0] == "everything" {
		d.There = Place{"globe", w("Everything"), []string{w("the internet, too")}}
	}
	return d
}

// few are the first of a list, and how many more there are.
func few(list []string, w Words) []string {
	var lines []string
	for i, one := range list {
		if i == placeLines-1 && len(list) > placeLines {
			return append(lines, w("and {{.Count}} more", map[string]any{"Count": len(list) - i}))
		}
		lines = append(lines, described(one, w))
	}
	return lines
}

// drawing paints a Drawing. Its lines follow the theme.
type drawing struct {
	widget.BaseWidget
	shown Drawing
}

func newDrawing(d Drawing) *drawing {
	p := &drawing{shown: d}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *drawing) CreateRenderer() fyne.WidgetRenderer {
	r := &drawingRenderer{tunnel: canvas.NewRectangle(nil), lan: canvas.NewRectangle(nil)}
	r.name = widget.NewLabelWithStyle(p.shown.Tunnel, fyne.TextAlignCenter, fyne.TextStyle{})
	r.name.SizeName = theme.SizeNameCaptionText
	for i, place := range []Place{p.shown.Here, p.shown.Gateway, p.shown.There} {
		r.icons[i] = canvas.NewImageFromResource(shape(place.Icon, theme.ColorNameForeground))
		r.icons[i].FillMode = canvas.ImageFillContain
		r.texts[i] = placeText(place)
	}
	r.Refresh()
	return r
}

// placeText is what stands below a place.
func placeText(p Place) *fyne.Container {
	name := widget.NewLabelWithStyle(p.Name, fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	box := container.New(tight{}, name)
	for _, line := range p.Lines {
		l := widget.NewLabelWithStyle(line, fyne.TextAlignCenter, fyne.TextStyle{})
		l.Truncation = fyne.TextTruncateEllipsis
		box.Add(l)
	}
	return box
}

type drawingRenderer struct {
	tunnel, lan *canvas.Rectangle
	name        *widget.Label
	icons       [3]*canvas.Image
	texts       [3]*fyne.Container
}

// The measures of a drawing.
const (
	placeSize  = 44 // of an icon
	placeGap   = 8  // between an icon and a line
	tunnelHigh = 8
	lanHigh    = 2
)

// Layout implements fyne.WidgetRenderer: three columns, the icons in the middle
// of each, the lines between them.
func (r *drawingRenderer) Layout(size fyne.Size) {
	column := size.Width / 3
	for i := range r.icons {
		middle := column*float32(i) + column/2
		r.icons[i].Move(fyne.NewPos(middle-placeSize/2, 0))
		r.icons[i].Resize(fyne.NewSquareSize(placeSize))
		r.texts[i].Move(fyne.NewPos(column*float32(i), placeSize))
		r.texts[i].Resize(fyne.NewSize(column, size.Height-placeSize))
	}
	long := column - placeSize - 2*placeGap
	r.line(r.tunnel, column/2, long, tunnelHigh)
	r.line(r.lan, column*3/2, long, lanHigh)
	high := r.name.MinSize().Height
	r.name.Resize(fyne.NewSize(long, high))
	r.name.Move(fyne.NewPos(r.tunnel.Position().X, r.tunnel.Position().Y-high+theme.Padding()))
}

// line begins beside the icon whose middle is at x.
func (r *drawingRenderer) line(l *canvas.Rectangle, x, long, high float32) {
	l.Move(fyne.NewPos(x+placeSize/2+placeGap, (placeSize-high)/2))
	l.Resize(fyne.NewSize(long, high))
}

// MinSize implements fyne.WidgetRenderer.
func (r *drawingRenderer) MinSize() fyne.Size {
	var size fyne.Size
	for _, t := range r.texts {
		size = size.Max(t.MinSize())
	}
	return fyne.NewSize(max(3*size.Width, 6*placeSize), placeSize+size.Height)
}

// Refresh implements fyne.WidgetRenderer.
func (r *drawingRenderer) Refresh() {
	r.tunnel.FillColor, r.tunnel.CornerRadius = theme.Color(theme.ColorNamePrimary), tunnelHigh/2
	r.lan.FillColor = theme.Color(theme.ColorNameDisabled)
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

// Objects implements fyne.WidgetRenderer.
func (r *drawingRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.tunnel, r.lan, r.name, r.icons[0], r.icons[1], r.icons[2], r.texts[0], r.texts[1], r.texts[2]}
}

// Destroy implements fyne.WidgetRenderer.
func (r *drawingRenderer) Destroy() {}

// ground is what stands out stands on: a pale colour of the theme, or an edge in
// it around what has to keep its own contrast.
type ground struct {
	widget.BaseWidget
	name fyne.ThemeColorName
	edge bool
}

func newGround(name fyne.ThemeColorName, edge bool) *ground {
	g := &ground{name: name, edge: edge}
	g.ExtendBaseWidget(g)
	return g
}

// CreateRenderer implements fyne.Widget.
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	r := &groundRenderer{WidgetRenderer: widget.NewSimpleRenderer(canvas.NewRectangle(nil)), ground: g}
	r.Refresh()
	return r
}

type groundRenderer struct {
	fyne.WidgetRenderer
	ground *ground
}

// edgeWide is how wide an edge is.
const edgeWide = 2

// Refresh implements fyne.WidgetRenderer.
func (r *groundRenderer) Refresh() {
	box := r.Objects()[0].(*canvas.Rectangle)
	colour := theme.Color(r.ground.name)
	if r.ground.edge {
		box.StrokeColor, box.StrokeWidth = colour, edgeWide
	} else {
		box.FillColor = pale(colour)
	}
	box.CornerRadius = theme.InputRadiusSize()
	box.Refresh()
}

// pale is a colour that lets the background through.
func pale(c color.Color) color.Color {
	red, green, blue, _ := c.RGBA()
	return color.NRGBA{uint8(red >> 8), uint8(green >> 8), uint8(blue >> 8), 0x28}
}
