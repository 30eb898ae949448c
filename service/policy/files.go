package policy

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is that of the file beside the one of pinned signers.
const FileName = "policy.toml"

// maxFile bounds how much of a file is read, in octets.
const maxFile = 64 << 10

// files are the two files of a policy. Only owner may have been able to write
// them, and to put others in their place.
type files struct {
	signers string // the path of the one; FileName is beside it
	owner   int    // the number of a user; on Windows it means nothing
}

// rules is what policy.toml demands.
func (f files) rules() Policy {
	path := filepath.Join(filepath.Dir(f.signers), FileName)
	text, err := f.read(path)
	if err != nil {
		return strictest("%s is not used (%v)", path, err)
	}
	return parseFile(path, text)
}

// pins is what the file of pinned signers demands.
func (f files) pins() Policy {
	text, err := f.read(f.signers)
	if err != nil {
		p := Policy{Pinned: true}
		p.fault("%s is not used (%v), and counts as a list of nobody", f.signers, err)
		return p
	}
	return parseSigners(f.signers, text)
}

// read is what a file says that only its owner can have written; nil without an
// error: it is not there.
func (f files) read(path string) ([]byte, error) {
	in, err := openPlain(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a plain file")
	}
	if err == nil {
		err = f.trust(path, info)
	}
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New("it is too large")
	}
	return append([]byte{}, text...), err // never nil
}

// trust refuses a file that others than its owner could have written, or put in
// its place.
func (f files) trust(path string, info fs.FileInfo) error {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if others := f.openTo(info); others != "" {
		return errors.New("it " + others)
	}
	if others := f.openTo(folder); others != "" {
		return errors.New("its folder " + others)
	}
	return nil
}
