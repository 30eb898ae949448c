// Package chart draws who may reach what: users at home, the gateway with its pool,
// and the networks behind it, as one SVG file without script and without anything
// from elsewhere, for light and dark screens. Users who reach the same are drawn as
// one group, so that a thousand are still to be read.
//
// New makes the picture's content of a site and an issue (model.go), a layout
// library finds places and ways (layout.go, the only file that knows it), and SVG
// writes them down (svg.go). All of it is pure; nothing is kept, and no goroutine is
// started. Start reading at New.
package chart
