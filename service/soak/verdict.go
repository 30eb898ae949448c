package main

import (
	"errors"
	"fmt"
)

// rest is what muvpnd holds when it does nothing.
type rest struct {
	resident    int // memory, in octets
	heap        int // live after a garbage collection, in MB
	goroutines  int
	descriptors int
	threads     int // only shown: Go keeps those it once needed
}

// What may be more at the end than at the start. Nobody needs a goroutine or a
// descriptor more. Of the heap the trace shows whole megabytes, and the kept
// part of the log and the connections inside the network stack that wait out
// their time differ from moment to moment. Of the memory Go gives back to the
// system what it does not need only little by little, and keeps pages that are
// partly used: as much as the load made it take at once.
const (
	moreHeap     = 3        // MB
	moreResident = 24 << 20 // octets, or a quarter of what there was
)

// verdict is nil when muvpnd has ended where it began.
func verdict(start, end rest) error {
	var faults []error
	more := func(what string, was, is, most int) {
		if is > was+most {
			faults = append(faults, fmt.Errorf("%s: %d at the start, %d at the end, at most %d more is allowed", what, was, is, most))
		}
	}
	more("goroutines", start.goroutines, end.goroutines, 0)
	more("descriptors", start.descriptors, end.descriptors, 0)
	more("heap in MB", start.heap, end.heap, moreHeap)
	more("memory in octets", start.resident, end.resident, max(moreResident, start.resident/4))
	return errors.Join(faults...)
}
