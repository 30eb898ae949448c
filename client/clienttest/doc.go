// Package clienttest is a service for tests of what uses package client: the
// command line and the window. It answers over a real socket with what the
// test has put into it, and remembers what it was asked. It stores nothing and
// connects to nothing. A Service is owned by its test. Start reading at Start.
//
// Goroutines, and who stops them: the server of Start, by the test's cleanup.
package clienttest
