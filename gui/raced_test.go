//go:build race

package gui

// raced says that the race detector watches. Then nothing is drawn: Fyne's
// painting takes ten times as long, and `make pictures` does it.
const raced = true
