package gui

import (
	"errors"
	"strings"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
)

// fileFault is why a file cannot be imported.
func fileFault(err error, w Words) *Failure {
	if errors.Is(err, errOne) {
		return &Failure{What: w("Several files were dropped."), User: w("Drop one at a time.")}
	}
	f := &Failure{What: w("The profile in this file has a fault."), Seen: err.Error(), User: w("Ask your administrator for a new copy of the profile.")}
	var no *profile.Refusal
	if !errors.As(err, &no) {
		return f
	}
	f.Seen, _, _ = strings.Cut(no.Sentence, "; ask your administrator") // that is said already
	switch no.Kind {
	case profile.Unreadable:
		f.What, f.User = w("The file cannot be read."), w("Choose the file again.")
	case profile.TooBig:
		f.What, f.User = w("The file is too big for a profile."), w("Choose the file that your administrator sent.")
	case profile.UnknownFormat:
		f.What = w("The file is of no kind that can be imported.")
		f.User = w("Ask your administrator for an .exp of muvpn, or for the export for Shrew Soft (.vpn) of the Firebox.")
	case profile.OtherVersion:
		f.What, f.User = w("The file is for another version of this program."), w("Update this program, or ask your administrator for a new copy of the profile.")
	case profile.Expired:
		f.What = w("The profile has expired.")
	case profile.Damaged, profile.BadSignature:
		f.What = w("The file is damaged or was changed.")
	}
	return f
}

// serviceFault is why the service did not store a profile, or cannot be asked.
func serviceFault(err error, w Words) *Failure {
	var r *reason.Reason
	var no *client.Refusal
	switch {
	case errors.As(err, &r):
		if f := failure(r, w); f != nil {
			return f
		}
	case errors.As(err, &no):
		return &Failure{What: capital(no.Text)}
	}
	return &Failure{What: w("The muvpn service does not answer."), Seen: capital(err.Error())}
}

// help is what can be done about a refusal at once.
func help(err error, w Words) Button {
	var no *client.Refusal
	if errors.As(err, &no) && no.Kind == client.Busy {
		return Button{w("Disconnect"), Disconnect}
	}
	return Button{}
}

// capital begins a sentence as sentences begin.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
