package main

import "golang.org/x/sys/windows"

// noHeap is WER_FAULT_REPORTING_FLAG_NOHEAP.
const noHeap = 1

var werSetFlags = windows.NewLazySystemDLL("kernel32.dll").NewProc("WerSetFlags")

// keepMemory keeps the heap out of error reports. That none is made at all, Go's
// runtime sees to, which ends the process itself when it fails.
func keepMemory() error {
	if err := werSetFlags.Find(); err != nil {
		return err
	}
	if r, _, _ := werSetFlags.Call(noHeap); r != 0 {
		return windows.Errno(r)
	}
	return nil
}
