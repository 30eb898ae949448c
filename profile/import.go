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

// formats are tried in this order; TOML recognises the least and comes last.
var formats = []format{shrewFormat, pcfFormat, ncpFormat, fritzFormat, safenetFormat, vpncFormat, tomlFormat}

// Recognise reads a profile file of any known format. An error is a *Refusal,
// Faults, or says what is wrong in the file; none holds a secret.
func Recognise(raw []byte) (*File, error) {
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
	for _, f := range formats {
		if f.is(text) {
			return f.file(text)
		}
	}
	return nil, unknownFormat(raw)
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
	if p.Policy.Security == "" && p.NeedsLegacy() {
		p.Policy.Security = "legacy"
		warnings = append(warnings, `The file needs broken cryptography: security is set to "legacy".`)
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &File{Format: f.name, Profile: p, Warnings: warnings}, nil
}

// exportInstead is what an administrator can give out for a file that nobody
// but its maker can read.
const exportInstead = `ask your administrator for an .EXP of muvpn, or for the "Shrew Soft VPN" export (.vpn) of the Firebox`

// unknownFormat says what the file may be and what to ask for instead. The
// files of WatchGuard (.wgx, .wgm, and the .exp of 2001) are encrypted and
// undocumented: all that can be seen is that they are not text.
func unknownFormat(raw []byte) *Refusal {
	if slices.Contains(raw, 0) || !utf8.Valid(raw) {
		return refuse(UnknownFormat, "the file is encrypted or of a format that is not documented, such as WatchGuard's .wgx, .wgm or an .exp of 2001; "+exportInstead)
	}
	return refuse(UnknownFormat, "the file is of no format that muvpn reads (its own .EXP, "+strings.Join(formatNames(), ", ")+"); "+exportInstead)
}

func formatNames() []string {
	var names []string
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
