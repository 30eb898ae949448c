// Command bench measures the programs as users have them: muvpnd and
// muvpn-testgw with real TUNs in two network namespaces, beside wireguard-go
// built from its module, all in one run and taking turns, so that a busy machine
// disturbs each alike.
//
//	go run ./tunnel/bench -programs build
//
// It prints, by suite, throughput in both directions and CPU seconds per
// gigabyte at each end; the time of a handshake as round trips and our own
// milliseconds; memory and CPU of an idle tunnel; and whether the limits hold
// that the project has set itself. It needs root and leaves nothing behind: the
// namespaces have no name and go with the process.
//
// Goroutines: transfer's sink, which ends with its connection.
//
// Start reading at run.
package main
