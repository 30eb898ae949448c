// Package interop shows that the client works with gateways that nobody here
// wrote: it holds no program, only tests, which start muvpnd, muvpn and
// Debian's strongSwan in network namespaces and watch what they do to each
// other. Everything needs root; `make interop` runs it.
//
// Start reading at scenarios_test.go: every scenario is a few sentences in
// the words of package lab, which owns the namespaces and the programs.
//
// `make record-vectors` records exchanges with strongSwan, with all secrets of
// both sides, for the tests of package ikev1 to replay; see record_linux_test.go.
//
// The go statements, and who stops each: one per socket of a driver, which ends
// when driver.close closes it.
package interop
