// Package tuntest has a device for tests of whatever reads and writes a TUN:
// packets go in and come out by channels; and a Flow of numbered packets, which
// tells whether each has arrived, and only once. It starts no goroutine. A
// Device is owned by the test. Start reading at Device.
package tuntest
