//go:build window

// Command empty is an empty window of Fyne, as large as muvpn-gui opens: what any
// window of Fyne costs. `make figures` measures muvpn-gui beside it.
package main
