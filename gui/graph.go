package gui

import (
	"image"
	"image/color"
	"math"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"muvpn/client/figures"
)

// graph draws the throughput: what is received as an area, what is sent as a line
// above it, so that they differ in shape as well as in colour.
type graph struct {
	w      *Window
	root   *fyne.Container
	raster *canvas.Raster
	legend *widget.Label
	shown  History
}

func newGraph(w *Window) *graph {
	g := &graph{w: w, legend: wrapped("")}
	g.legend.Importance = widget.LowImportance
	g.raster = canvas.NewRaster(g.draw)
	g.raster.SetMinSize(fyne.NewSize(0, 48))
	g.root = container.NewBorder(nil, g.legend, nil, nil, g.raster)
	g.root.Hide()
	return g
}

// paint says whether the graph has come or gone.
func (g *graph) paint(h History) (changed bool) {
	if reflect.DeepEqual(h, g.shown) {
		return false
	}
	g.shown = h
	visible := h.Top() > 0
	changed = visible != g.root.Visible()
	show(g.root, visible)
	if visible {
		setText(g.legend, g.w.words("The last minute, at most {{.Top}}/s: received (area), sent (line)",
			map[string]any{"Top": figures.Octets(h.Top())}))
		g.raster.Refresh()
	}
	return changed
}

// draw is the picture in pixels.
func (g *graph) draw(width, height int) image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	top := g.shown.Top()
	if top == 0 || width < 2 || height < 2 {
		return picture
	}
	area, line := theme.Color(theme.ColorNameSelection), theme.Color(theme.ColorNamePrimary)
	before := -1
	for x := range width {
		at := float64(x) / float64(width-1)
		in := g.shown.at(at, func(s Sample) uint64 { return s.In }, top)
		out := g.shown.at(at, func(s Sample) uint64 { return s.Out }, top)
		column(picture, x, depth(in, height), height, area)
		y := min(depth(out, height), height-2)
		from, to := y, y+2
		if before >= 0 { // the line stays whole where it is steep
			from, to = min(from, before), max(to, before+2)
		}
		column(picture, x, from, to, line)
		before = y
	}
	return picture
}

// depth is how many pixels below the upper edge a part of the height is.
func depth(part float64, height int) int {
	return height - int(math.Round(part*float64(height)))
}

// column colours the pixels of a column from one height to another.
func column(p *image.NRGBA, x, from, to int, c color.Color) {
	for y := from; y < to; y++ {
		p.Set(x, y, c)
	}
}
