// Package roster reads the spreadsheet in which an administrator keeps the users
// of a gateway: CSV or an Excel workbook, from octets, never from a path. Read
// makes a Table of it, Table.Users makes users of the table and lists every fault
// with its cell. It knows nothing of sites and gateways. It is for the command
// line alone, for it brings a library that opens foreign files; it owns nothing
// and starts no goroutine. Start reading at Read.
package roster
