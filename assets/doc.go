// Package assets holds what is compiled into the programs and is not code:
// the sample profiles now, icons and strings by language later. It has no
// logic and no state. Start reading at Samples.
package assets
