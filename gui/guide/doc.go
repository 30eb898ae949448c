// Command guide makes the pictures of the user guide, docs/user.md, in
// docs/guide: windows as the walk of `make screen` has kept them, and the icons
// of the states and strengths as the tray draws them. The guide itself says which
// pictures there are: what it names is made, what it does not name is taken away.
// `make guide` runs the walk and then this.
//
// It has no state and no goroutines. Start reading at makePictures. Whether the
// guide says what the window says is tested in package gui, userguide_test.go.
package main
