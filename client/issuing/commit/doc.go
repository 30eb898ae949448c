// Package commit writes many files in several folders as one: after a kill at any
// moment, and Recover, all of them are new or all are as they were. Files are
// written aside first; a journal that says where each belongs is the moment of
// decision; then they are moved to their places. Two must not run at once: the
// caller holds a Lock meanwhile, which keeps other processes out. The goroutines
// that write aside end before Write returns. Start reading at Write.
package commit
