//go:build unix

package policy

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// System is the policy of this computer: policy.toml, which is root's, and the
// file of pinned signers beside it.
func System(signers string) Source { return files{signers: signers}.source() }

func (f files) source() Source {
	return func() Policy { return f.rules().and(f.pins()) }
}

// openPlain opens a file, never a link, and waits for no pipe.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// openTo says who besides the owner may change a file or a folder, or nothing.
func (f files) openTo(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return "belongs to nobody known"
	case int(stat.Uid) != f.owner:
		return fmt.Sprintf("belongs to user %d", stat.Uid)
	case info.Mode().Perm()&0o022 != 0:
		return "may be changed by others"
	}
	return ""
}
