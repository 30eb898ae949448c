package gui

import "fyne.io/fyne/v2"

// columns lays objects out in pairs: the first column as wide as its widest,
// the second what is left, where texts wrap.
type columns struct{}

func (columns) first(objects []fyne.CanvasObject) (width float32) {
	for i := 0; i < len(objects); i += 2 {
		width = max(width, objects[i].MinSize().Width)
	}
	return width
}

// Layout implements fyne.Layout. A text that wraps knows its height only when it
// has its width, so it is given that first.
func (c columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left := c.first(objects)
	y := float32(0)
	for i := 0; i+1 < len(objects); i += 2 {
		name, value := objects[i], objects[i+1]
		value.Resize(fyne.NewSize(size.Width-left, value.Size().Height))
		height := max(name.MinSize().Height, value.MinSize().Height)
		name.Move(fyne.NewPos(0, y))
		name.Resize(fyne.NewSize(left, name.MinSize().Height))
		value.Move(fyne.NewPos(left, y))
		value.Resize(fyne.NewSize(size.Width-left, height))
		y += height
	}
}

// MinSize implements fyne.Layout.
func (c columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(c.first(objects), 0)
	second := float32(0)
	for i := 0; i+1 < len(objects); i += 2 {
		size.Height += max(objects[i].MinSize().Height, objects[i+1].MinSize().Height)
		second = max(second, objects[i+1].MinSize().Width)
	}
	size.Width += second
	return size
}
