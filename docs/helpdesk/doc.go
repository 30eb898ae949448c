// Package helpdesk holds the helpdesk's pages, one for each reason.Code, against the
// program. What people are told, and the lines of logs, stand in blocks of a page
// that tests make anew: Said here, the logs where they come about, in tunnel/gateway,
// service and client/muvpn. A test fails when page and program differ, and
// `make helpdesk` writes the blocks. All else on a page is written by hand.
//
// It is for tests alone, has no state and starts no goroutine. Start reading at Hold.
package helpdesk
