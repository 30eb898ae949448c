// Package gatewaytest is for tests of and with package gateway: Firebox is a
// configuration to begin with, and Client an initiator that builds, message by
// message, what a test wants it to send, right or wrong, and reads what comes
// back. A Client belongs to one test and starts no goroutine. Start reading at
// Client.
package gatewaytest
