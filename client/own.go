package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/pelletier/go-toml/v2"
)

// The settings that belong to a user and not to the service.
const (
	SetTheme    = "theme"
	SetLanguage = "language"
	SetTray     = "tray"
	SetClosing  = "closing"
)

// OwnSettings are those that every user has for himself, in a file of his own
// that the service never sees. The first value is the default.
var OwnSettings = []SettingKind{
	{SetTheme, []string{"system", "light", "dark"}, "How the window looks."},
	{SetLanguage, []string{"system"}, "The language of the window: system, or a tag such as en or de-CH."},
	{SetTray, []string{"on", "off"}, "Whether the window puts an icon into the tray that stays when it is closed."},
	{SetClosing, []string{"ask", "stay"}, "Closing the window while connected, where there is no tray: ask, or stay connected."},
}

// language says that a value names a language: a tag of RFC 5646, in its common
// forms.
func language(value string) bool { return tag.MatchString(value) }

var tag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

// OwnFile is where the user's settings are: $XDG_CONFIG_HOME/muvpn/settings.toml,
// below %AppData% on Windows and ~/Library/Application Support on macOS.
func OwnFile() (string, error) {
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, "muvpn", "settings.toml"), nil
}

// Own reads the user's settings; what is not set, or to nothing that we know, has
// its default.
func Own() ([]Setting, error) {
	values, err := readOwn()
	list := make([]Setting, 0, len(OwnSettings))
	for _, k := range OwnSettings {
		s := Setting{SettingKind: k, Value: k.Values[0]}
		if v, _ := values[k.Key].(string); Settable(OwnSettings, k.Key, v) {
			s.Value, s.Own = v, true
		}
		list = append(list, s)
	}
	return list, err
}

// SetOwn changes one of the user's settings. What else stands in the file stays.
func SetOwn(key, value string) error {
	if !Settable(OwnSettings, key, value) {
		return fmt.Errorf("there is no setting %q with the value %q", key, value)
	}
	values, err := readOwn()
	if err != nil {
		return err
	}
	values[key] = value
	b, err := toml.Marshal(values)
	if err != nil {
		return err
	}
	file, err := OwnFile()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err == nil {
		err = os.WriteFile(file+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	return err
}

// readOwn is the file as it is; one that is not there is empty.
func readOwn() (map[string]any, error) {
	values := map[string]any{}
	file, err := OwnFile()
	if err != nil {
		return values, err
	}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return values, nil
	}
	if err == nil {
		err = toml.Unmarshal(b, &values)
	}
	if err != nil {
		return map[string]any{}, fmt.Errorf("%s: %w", file, err)
	}
	return values, nil
}
