package mobileconfig

import "muvpn/profile"

// Format is the format for profile.Recognise.
var Format = profile.Foreign{Name: "Apple .mobileconfig", Is: is, Read: read}

func is(text []byte) bool { return isCMS(text) || isPlist(text) }

// read goes from the outside in: signature, property list, payloads.
func read(text []byte) (*profile.File, error) {
	file := &profile.File{}
	if isCMS(text) {
		s, err := openCMS(text)
		if err != nil {
			return nil, err
		}
		text, file.Signer = s.content, s.signer
		file.Warnings = append(file.Warnings, s.warning)
	}
	top, err := decodePlist(text)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	if file.Profile, err = r.configuration(top); err != nil {
		return nil, err
	}
	r.listTheRest()
	file.Warnings = append(file.Warnings, r.warnings...)
	return file, nil
}

// refuse is a *profile.Refusal as an error.
func refuse(kind profile.Kind, sentence string) error {
	return &profile.Refusal{Kind: kind, Sentence: sentence}
}

// damaged says what is wrong with the form of the file; it quotes nothing.
func damaged(what string) error {
	return refuse(profile.Damaged, "the file is damaged: "+what+"; ask your administrator for a new copy")
}
