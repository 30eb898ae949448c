//go:build !linux

package language

// prefer says that programs cannot choose a language here.
func prefer(string) bool { return false }
