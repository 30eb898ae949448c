// Package assets holds what is compiled into the programs and is not code:
// the sample profiles, icons, and the texts of the window and of the papers for
// users, by language. It has no logic and no state. Start reading at Samples.
package assets
