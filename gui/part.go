package gui

import (
	"reflect"

	"fyne.io/fyne/v2"
)

// part is a piece of what shows a V. It is built anew when its piece of V has
// changed, and is not there when that is empty.
type part[V any] struct {
	box   *fyne.Container
	of    func(V) any
	build func(V) fyne.CanvasObject
	shown any
}

// paint says whether the part has changed, and so its height.
func (s *part[V]) paint(v V) (changed bool) {
	now := s.of(v)
	if reflect.DeepEqual(now, s.shown) || none(now) && s.box.Hidden {
		return false
	}
	s.shown, s.box.Objects = now, nil
	if none(now) {
		s.box.Hide()
		return true
	}
	s.box.Objects = []fyne.CanvasObject{s.build(v)}
	s.box.Show()
	return true
}

// none says that there is nothing in a piece.
func none(piece any) bool {
	v := reflect.ValueOf(piece)
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}
