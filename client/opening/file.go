package opening

import (
	"bytes"
	"time"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/profile/mobileconfig"
)

// File is a profile file of a known format.
type File struct {
	raw   []byte
	found *profile.File
}

// Recognise finds out what raw is, which belongs to the File from now on, and
// refuses a profile whose time is over at now: nobody is asked for the
// passphrase of such a file. An error is a *profile.Refusal, profile.Faults, or
// says what is wrong in the file; none holds a secret.
func Recognise(raw []byte, now time.Time) (*File, error) {
	found, err := profile.Recognise(raw, mobileconfig.Format)
	if err != nil {
		return nil, err
	}
	f := &File{raw, found}
	if h := f.Header(); h != nil {
		if err := h.CheckExpiry(now); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Header is what is written on the outside of an .EXP, which takes a passphrase
// to open; nil: the file takes none.
func (f *File) Header() *profile.Header {
	if f.found.Sealed == nil {
		return nil
	}
	return &f.found.Sealed.Header
}

// HoldsClearSecrets says that the file should be deleted after its import.
func (f *File) HoldsClearSecrets() bool { return f.found.HoldsClearSecrets() }

// Wipe overwrites the file and what it held in clear. What was opened of it is
// wiped apart.
func (f *File) Wipe() {
	clear(f.raw)
	f.found.Profile.Auth.Wipe()
}

// Open opens the file, an .EXP with its passphrase; for that it takes the time
// and the memory that the header asks for. Warnings are those at the time now.
// The passphrase stays the caller's. An error is as Recognise's.
func (f *File) Open(passphrase []byte, now time.Time) (*Opened, error) {
	o := &Opened{profile: f.found.Profile}
	var ignored []string
	var err error
	if f.found.Sealed == nil {
		o.request.Source = f.found.Format
		o.request.Plain, err = o.profile.MarshalWithSecrets()
	} else {
		ignored, err = o.unseal(f, passphrase)
	}
	if err != nil {
		return nil, err
	}
	o.Preview = f.found.Preview(o.profile, ignored)
	o.Preview.Warnings = append(o.Preview.Warnings, o.profile.CertificateWarnings(now)...)
	return o, nil
}

// unseal opens an .EXP. It returns the keys in it that are ignored.
func (o *Opened) unseal(f *File, passphrase []byte) (ignored []string, err error) {
	key := f.found.Sealed.DeriveKey(passphrase)
	if o.profile, ignored, err = f.found.Sealed.Open(key); err != nil {
		key.Wipe()
		return nil, err
	}
	o.request.EXP, o.request.Key = f.raw, key.Reveal()
	if o.profile.Auth.PSK.Source == "passphrase" {
		o.request.PSK = bytes.Clone(passphrase)
	}
	return ignored, nil
}

// Opened is an open profile on its way to the service.
type Opened struct {
	Preview profile.Preview
	profile profile.Profile
	request client.Import
}

// SetPSK takes the pre-shared key for a profile that does not hold its own
// (Preview.AsksPSK); none: it is asked for when connecting. It says what the
// user should know of the key.
func (o *Opened) SetPSK(key []byte) (warnings []string) {
	clear(o.request.PSK)
	o.request.PSK = bytes.Clone(key)
	s := profile.NewSecret(key)
	defer s.Wipe()
	return profile.PSKWarnings(s)
}

// DryRun asks the service what storing would mean. The profile is to have that
// name; empty: its own. The request shares nothing with o: Wipe it.
func (o *Opened) DryRun(name string) client.Import {
	i := o.request
	i.EXP, i.Key = bytes.Clone(i.EXP), bytes.Clone(i.Key)
	i.Plain, i.PSK = bytes.Clone(i.Plain), bytes.Clone(i.PSK)
	i.Name, i.DryRun = name, true
	return i
}

// Store has the service store the profile. accept is what the user has agreed
// to. The request shares nothing with o: Wipe it.
func (o *Opened) Store(name string, accept []client.Consent) client.Import {
	i := o.DryRun(name)
	i.DryRun, i.Accept = false, accept
	return i
}

// Wipe overwrites every secret of the profile.
func (o *Opened) Wipe() {
	Wipe(&o.request)
	o.profile.Auth.Wipe()
}

// Wipe overwrites the secrets of a request.
func Wipe(i *client.Import) {
	clear(i.Key)
	clear(i.Plain)
	clear(i.PSK)
	i.Key, i.Plain, i.PSK = nil, nil, nil
}
