// Package commit writes many files in several folders as one: after a kill at any
// moment, and Recover, all of them are new or all are as they were. A journal names
// the folders in which files will wait, each of them that run's own; the files are
// written there; the journal that says where each belongs is the moment of decision;
// then they are moved to their places. Recover moves nothing over what others have
// written since. Two must not run at once with one journal: the caller holds a Lock
// meanwhile, which keeps other processes out. The goroutines that write aside end
// before Write returns. Start reading at Write.
package commit
