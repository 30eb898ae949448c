package profile

import (
	"regexp"
	"unicode/utf8"
)

// tomlFormat is the profile of an .EXP, unsealed: what `muvpn show` prints
// (with the secrets put back) and what administrators write.
var tomlFormat = format{name: "plain TOML", is: isTOML, read: readTOML}

// tomlLine is what no profile can do without: a name or a gateway.
var tomlLine = regexp.MustCompile(`(?m)^[ \t]*(\[[ \t]*gateway|gateway[ \t]*[.=]|name[ \t]*=)`)

func isTOML(text []byte) bool {
	return utf8.Valid(text) && tomlLine.Match(text)
}

func readTOML(text []byte) (Profile, []string, error) {
	p, ignored, err := ParseTOML(text)
	if err != nil {
		return Profile{}, nil, err
	}
	warnings := []string{"The file has no integrity protection: anybody on its way may have changed it."}
	return p, append(warnings, ignoredKeys(ignored)...), nil
}
