package profile

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxKeys bounds how many keys and tables are walked: each unknown one costs a
// walk over the text to find its line.
const maxKeys = 2048

// ParseTOML reads a profile from TOML. It returns the keys that start with
// "x-", which are nobody's and are ignored. Any other unknown key, like text
// that is not TOML, is an error that names the line; no error quotes a value.
// Whether the profile makes sense is Validate's matter.
func ParseTOML(text []byte) (p Profile, ignored []string, err error) {
	if ignored, err = DecodeTOML(text, &p); err != nil {
		return Profile{}, nil, err
	}
	return p, ignored, nil
}

// DecodeTOML reads any file that holds a profile by the rules of ParseTOML.
func DecodeTOML(text []byte, into any) (ignored []string, err error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bytes.Count(text, []byte("="))+bytes.Count(text, []byte("[")) > maxKeys {
		return nil, fmt.Errorf("more than %d keys: this is no profile", maxKeys)
	}
	err = toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(into)
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) {
		ignored, err = sortUnknown(missing.Errors)
	}
	if err != nil {
		return nil, tomlError(err)
	}
	return ignored, nil
}

// UnknownKeys are keys that no profile has, each with its line.
type UnknownKeys []string

// Error names them all.
func (u UnknownKeys) Error() string {
	return "unknown " + strings.Join(u, ", ") + `: check the spelling, or begin a key of your own with "x-"`
}

// sortUnknown parts the keys that may be ignored from those that may not.
func sortUnknown(missing []toml.DecodeError) (ignored []string, err error) {
	var refused UnknownKeys
	for _, e := range missing {
		name := strings.Join(e.Key(), ".")
		if slices.ContainsFunc(e.Key(), func(part string) bool { return strings.HasPrefix(part, "x-") }) {
			ignored = append(ignored, name)
			continue
		}
		line, _ := e.Position()
		refused = append(refused, fmt.Sprintf("%s (line %d)", name, line))
	}
	if refused != nil {
		return nil, refused
	}
	return ignored, nil
}

// rewordings turn the library's messages into ours: none may repeat what stood
// in the file, which may be a secret, and none speaks of Go.
var rewordings = []struct {
	found *regexp.Regexp
	said  string
}{
	{regexp.MustCompile(`( but got)? U\+[0-9A-F]+( '.+')?`), ""},
	{regexp.MustCompile(`^(integer|float) value .*|.* is too large to fit .*`), "the number does not fit here"},
	{regexp.MustCompile(`^unable to parse float.*`), "not a number"},
	{regexp.MustCompile(`^cannot decode TOML (.*) into .*`), "$1 does not fit here"},
	{regexp.MustCompile(`^netip\.ParsePrefix.*`), "not a network: write it as 192.168.10.0/24"},
	{regexp.MustCompile(`^ParseAddr.*`), "not an IP address: write it as 192.168.10.2"},
}

// tomlError says what is wrong, and where, without quoting a value.
func tomlError(err error) error {
	var at *toml.DecodeError
	if !errors.As(err, &at) {
		return err
	}
	line, column := at.Position()
	where := fmt.Sprintf("line %d, column %d", line, column)
	if key := strings.Join(at.Key(), "."); key != "" {
		where += ", " + key
	}
	message := strings.TrimPrefix(at.Error(), "toml: ")
	for _, r := range rewordings {
		message = r.found.ReplaceAllString(message, r.said)
	}
	return errors.New(where + ": " + message)
}

// MarshalTOML writes the profile as TOML with every secret as [redacted]: what
// `muvpn show` prints.
func (p Profile) MarshalTOML() ([]byte, error) {
	for _, s := range p.secrets() {
		s.reveal = false
	}
	return appendTOML(p)
}

// MarshalWithSecrets writes the profile as TOML with its secrets in clear: for
// sealing an .EXP and for nothing else.
func (p Profile) MarshalWithSecrets() ([]byte, error) {
	for _, s := range p.secrets() {
		s.reveal = !s.Empty()
	}
	return appendTOML(p)
}

func appendTOML(p Profile) ([]byte, error) {
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.SetIndentTables(false)
	if err := e.Encode(p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
