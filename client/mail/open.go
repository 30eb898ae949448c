package mail

import "errors"

// ErrNoProgram is that no program opens messages here: the file is there all the
// same.
var ErrNoProgram = errors.New("no mail program was found")

// Open has the system's mail program open the file of a message, and returns
// when the program was told to. ErrNoProgram: there is none.
func Open(path string, r *Report) error { return open(path, r) }
