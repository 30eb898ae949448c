package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// heading is a large text in the colour and the size of the theme. Fyne's own
// texts for drawing keep those with which they were made: black on black when
// the desktop turns dark.
type heading struct {
	widget.BaseWidget
	text *canvas.Text
}

func newHeading(text string, align fyne.TextAlign) *heading {
	h := &heading{text: canvas.NewText(text, nil)}
	h.text.TextStyle, h.text.Alignment = fyne.TextStyle{Bold: true}, align
	h.dress()
	h.ExtendBaseWidget(h)
	return h
}

// dress takes what the theme says now.
func (h *heading) dress() {
	h.text.Color, h.text.TextSize = theme.Color(theme.ColorNameForeground), 2*theme.TextSize()
}

// set shows another text.
func (h *heading) set(text string) {
	if h.text.Text != text {
		h.text.Text = text
		h.Refresh()
	}
}

// Refresh implements fyne.Widget; Fyne calls it when the theme is another.
func (h *heading) Refresh() {
	h.dress()
	h.text.Refresh()
	h.BaseWidget.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (h *heading) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(h.text) }

// inline is as large as an icon beside a text is now.
type inline struct{}

// Layout implements fyne.Layout.
func (inline) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize implements fyne.Layout.
func (inline) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(theme.IconInlineSize())
}
