// Package linetest has a network for tests in virtual time (testing/synctest):
// UDP between one client and one gateway in memory, with a delay, and with loss
// and reordering by a seeded generator. Everything that was lost is counted, so
// that a test can tell what the network lost from what the two ends did.
//
// A Line may be used by anybody at any time; each socket is read by one
// goroutine. It starts no goroutine. Start reading at Line.
package linetest
