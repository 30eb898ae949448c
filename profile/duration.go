package profile

import "time"

// Duration is a time.Duration that is written as "1h" or "off" (zero and set).
// Its zero value means that the key was absent.
type Duration struct {
	time.Duration
	Set bool
}
