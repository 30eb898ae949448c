//go:build !linux

package lan

import "errors"

// openTUN is for the benchmarks, which run on Linux.
func (o *Office) openTUN(string, Config) error {
	return errors.New("lan: a TUN as the office network works on Linux only; use netstack")
}
