// Package figures writes sizes and times as people read them: the command line
// and the window show the same figure in the same form. It is pure functions
// and knows no state. Start reading at Octets.
package figures
