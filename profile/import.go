package profile

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// File is what Recognise has found in the octets of a file.
type File struct {
	Format string // for people: "Shrew Soft .vpn"
	// Sealed is an .EXP, to be opened with its passphrase; of every other
	// format it is nil and Profile is there at once.
	Sealed   *Sealed
	Profile  Profile
	Warnings []string // one sentence each: nothing in a file is dropped silently
	// Signer is who signed a file of another format, as far as the file itself
	// says; an .EXP says it in its header.
	Signer string
}

// HoldsClearSecrets says that the file should be deleted after its import.
func (f *File) HoldsClearSecrets() bool {
	return f.Sealed == nil && slices.ContainsFunc(f.Profile.secrets(), func(s *Secret) bool { return !s.Empty() })
}

// format is one format of others: how it is recognised by its content, never
// by a file's name, and how it is read. A reader returns a warning for
// everything that it does not take over.
type format struct {
	name string
	is   func(text []byte) bool
	read func(text []byte) (Profile, []string, error)
}

// Foreign is a format that is read in a package of its own, because reading it
// takes more than belongs into a service that runs with privileges.
type Foreign struct {
	Name string
	Is   func(text []byte) bool
	// Read fills in all but Format.
	Read func(text []byte) (*File, error)
}

// formats are tried in this order; TOML recognises the least and comes last.
var formats = []format{shrewFormat, pcfFormat, ncpFormat, fritzFormat, safenetFormat, vpncFormat, tomlFormat}

// Recognise reads a profile file of any known format, and of those in more,
// which are tried first. An error is a *Refusal,
// Faults, or says what is wrong in the file; none holds a secret.
func Recognise(raw []byte, more ...Foreign) (*File, error) {
	switch {
	case len(raw) > MaxFile:
		return nil, refuse(TooBig, "the file has more than 1 MiB: this is no profile")
	case len(bytes.TrimSpace(raw)) == 0:
		return nil, refuse(Unreadable, "the file is empty")
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return nil, refuse(UnknownFormat, "the file is text in UTF-16; open it in an editor, save it as UTF-8 and import it again")
	case bytes.Contains(raw, []byte("BEGIN "+profileBlock)):
		return sealedFile(raw)
	}
	text := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	for _, f := range more {
		if f.Is(text) {
			return f.file(text)
		}
	}
	for _, f := range formats {
		if f.is(text) {
			return f.file(text)
		}
	}
	return nil, unknownFormat(raw, more)
}

func sealedFile(raw []byte) (*File, error) {
	sealed, err := ParseEXP(raw)
	if err != nil {
		return nil, err
	}
	return &File{Format: "muvpn .EXP", Sealed: sealed}, nil
}

func (f format) file(text []byte) (*File, error) {
	p, warnings, err := f.read(text)
	if err != nil {
		return nil, err
	}
	return (&File{Format: f.name, Profile: p, Warnings: warnings}).checked()
}

func (f Foreign) file(text []byte) (*File, error) {
	file, err := f.Read(text)
	if err != nil {
		return nil, err
	}
	file.Format = f.Name
	return file.checked()
}

// checked is the file if its profile has no fault. What needs broken
// cryptography is marked as such.
func (f *File) checked() (*File, error) {
	if p := &f.Profile; p.Policy.Security == "" && p.NeedsLegacy() {
		p.Policy.Security = "legacy"
		f.Warnings = append(f.Warnings, `The file needs broken cryptography: security is set to "legacy".`)
	}
	if err := f.Profile.Validate(); err != nil {
		return nil, err
	}
	return f, nil
}

// exportInstead is what an administrator can give out for a file that nobody
// but its maker can read.
const exportInstead = `ask your administrator for an .EXP of muvpn, or for the "Shrew Soft VPN" export (.vpn) of the Firebox`

// unknownFormat says what the file may be and what to ask for instead. The
// files of WatchGuard (.wgx, .wgm, and the .exp of 2001) are encrypted and
// undocumented: all that can be seen is that they are not text.
func unknownFormat(raw []byte, more []Foreign) *Refusal {
	if slices.Contains(raw, 0) || !utf8.Valid(raw) {
		return refuse(UnknownFormat, "the file is encrypted or of a format that is not documented, such as WatchGuard's .wgx, .wgm or an .exp of 2001; "+exportInstead)
	}
	return refuse(UnknownFormat, "the file is of no format that muvpn reads (its own .EXP, "+strings.Join(formatNames(more), ", ")+"); "+exportInstead)
}

func formatNames(more []Foreign) []string {
	var names []string
	for _, f := range more {
		names = append(names, f.Name)
	}
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// ReadFile reads a profile file for Recognise, no more of it than a profile
// can have. It is for the unprivileged side: the service opens no path that
// somebody names. An error is a *Refusal.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, refuse(Unreadable, "the file cannot be read: "+err.Error())
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, refuse(Unreadable, "the file cannot be read: "+err.Error())
	case info.IsDir():
		return nil, refuse(Unreadable, path+" is a directory, not a profile")
	}
	raw, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	switch {
	case err != nil:
		return nil, refuse(Unreadable, "the file cannot be read: "+err.Error())
	case len(raw) > MaxFile:
		return nil, refuse(TooBig, path+" has more than 1 MiB: this is no profile")
	case len(raw) == 0:
		return nil, refuse(Unreadable, path+" is empty")
	}
	return raw, nil
}
