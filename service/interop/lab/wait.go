package lab

import "time"

// WaitFor calls check every tenth of a second until it succeeds; when the
// limit passes first, it returns the last error.
func WaitFor(limit time.Duration, check func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := check()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}
