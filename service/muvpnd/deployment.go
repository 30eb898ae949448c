package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf16"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/profile/store"
)

// deployment is what an administrator gives an installer along, for a computer that
// nobody is going to set up by hand. An empty string is what was not given.
type deployment struct {
	signers    string // file of the signers to pin
	profile    string // file of a profile for everybody
	passphrase string // file with its passphrase
	atLogin    bool   // the icon in the panel starts for everybody who logs in
}

// check refuses what could not be done, before anything is. An installer runs in a
// folder of the system's, which no path of an administrator's is relative to.
func (d deployment) check() error {
	for _, f := range []struct{ path, is string }{
		{d.signers, "the file of the signers"}, {d.profile, "the profile"}, {d.passphrase, "the file of the passphrase"},
	} {
		if f.path != "" && !filepath.IsAbs(f.path) {
			return fmt.Errorf("%s has to be named by its whole path, and %q is none", f.is, f.path)
		}
	}
	if d.passphrase != "" && d.profile == "" {
		return errors.New("a passphrase was given, and no profile that it opens")
	}
	return nil
}

// checkedSigners is the list in a file, or says what is wrong in it: a line that is
// no key would count as nobody's, and none at all has nobody's profiles accepted.
func checkedSigners(path string, text []byte) ([]byte, error) {
	text = asUTF8(text)
	number, signers := 0, 0
	for line := range strings.Lines(string(text)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := new(store.Signer).UnmarshalText([]byte(line)); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, number, err)
		}
		signers++
	}
	if signers == 0 {
		return nil, fmt.Errorf("%s has no signer in it", path)
	}
	return text, nil
}

// asUTF8 is a text in UTF-8, whatever an editor or a shell of Windows has written it
// in: they mark UTF-8 and UTF-16 by the first octets.
func asUTF8(text []byte) []byte {
	if !bytes.HasPrefix(text, []byte{0xff, 0xfe}) {
		return bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	units := make([]uint16, len(text)/2-1)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(text[2+2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// importing is how muvpn stores the profile: the passphrase goes to its standard
// input.
func (d deployment) importing() []string {
	args := []string{"import", d.profile, "--yes"}
	if d.passphrase != "" {
		args = append(args, "--passphrase-stdin")
	}
	return args
}

// storedAlready is the name of the profile if this issue of it is stored, or a newer
// one: an installer's command line stays the same for years.
func storedAlready(raw []byte, list []client.Profile) (name string, is bool) {
	sealed, err := profile.ParseEXP(raw)
	if err != nil {
		return "", false // of another kind, or spoiled: muvpn import says it
	}
	for _, p := range list {
		if p.UUID == sealed.Header.Profile && p.Serial >= sealed.Header.Serial {
			return p.Name, true
		}
	}
	return "", false
}

// step is one thing that configure does.
type step string

const (
	entering  step = "enter the service"
	adopting  step = "have the service run this program"
	finishing step = "set what an installer's own table cannot"
	pinning   step = "pin the signers"
	halting   step = "stop the service"
	launching step = "start the service"
	resuming  step = "connect again what was connected"
	loading   step = "import the profile"
	showing   step = "start the icon at login"
)

// found is how configure finds the computer.
type found struct {
	service  condition
	foreign  bool // the service's program is another one
	disabled bool // an administrator does not want the service started
	pinned   bool // the signers are pinned already, or none were given
}

// runs says that the service has not to be started.
func (f found) runs() bool { return f.service != absent && f.service != idle }

// steps are what is to be done on a computer that is found so, in that order. The
// service starts anew for signers, so that they are in force when the profile comes;
// and it is left alone where nothing changes, so that a repair keeps the connection.
func (d deployment) steps(f found) []step {
	var list []step
	add := func(wanted bool, s step) {
		if wanted {
			list = append(list, s)
		}
	}
	anew := f.runs() && (f.foreign || !f.pinned)
	add(anew, halting)
	add(f.service == absent, entering)
	add(f.service != absent && f.foreign, adopting)
	add(f.service != absent, finishing) // entering it has that in it
	add(!f.pinned, pinning)
	add(anew || !f.runs() && !f.disabled, launching)
	add(anew || !f.runs() && !f.disabled, resuming)
	add(d.profile != "", loading)
	add(d.atLogin, showing)
	return list
}

// runsProgram says whether a service's command line starts this program, as we and
// the installers write it.
func runsProgram(line, program string) bool {
	return strings.EqualFold(line, commandLine(program))
}

// commandLine starts the service: quoted, or a space in the path would have Windows
// try other programs first.
func commandLine(program string) string { return `"` + program + `" ` + strings.Join(arguments, " ") }
