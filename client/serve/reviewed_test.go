package serve

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"muvpn/client"
)

// reviewed are all texts and octets that a client can send, as
// verb.Struct.Field or verb.N, the parameter's number, with what becomes of
// them. None is opened, run, dialled or looked up: the service opens no path,
// URL or program that a client names, and has no field for one. Whoever adds a
// field here has made sure of that.
var reviewed = map[string]string{
	"Show.1":               "compared with the names and UUIDs of stored profiles",
	"Remove.2":             "compared with the names and UUIDs of stored profiles",
	"Import.Import.EXP":    "the octets of a file, parsed; files are named after the UUID inside, 36 hexadecimal digits and hyphens",
	"Import.Import.Key":    "32 octets, a key",
	"Import.Import.Plain":  "the text of a profile, parsed; no key of it runs or opens anything here",
	"Import.Import.PSK":    "a key",
	"Import.Import.Name":   "the name to store under, inside the record: never a file's name",
	"Import.Import.Source": "printable ASCII of 40 octets at most, written into the record and the log",
	"Import.Import.Accept": "compared with the list of consents",
	"Up.Up.Profile":        "compared with the names and UUIDs of stored profiles",
	"Up.Up.User":           "said to the gateway, written into the log",
	"Up.Up.Password":       "said to the gateway",
	"Up.Up.PSK":            "a key",
	"Answer.Answer.Value":  "said to the gateway",

	"Diagnose.Diagnose.Profile": "compared with the names and UUIDs of stored profiles",
	"Settings.1":                "compared with the names and UUIDs of stored profiles",
	"Set.Set.Profile":           "compared with the names and UUIDs of stored profiles",
	"Set.Set.Key":               "compared with the list of settings",
	"Set.Set.Value":             "compared with the list of the setting's values",
}

// texts lists the texts and octets in a type, below a name.
func texts(t reflect.Type, name string) (list []string) {
	switch t.Kind() {
	case reflect.String:
		return []string{name}
	case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map:
		if t.Elem().Kind() == reflect.Uint8 {
			return []string{name}
		}
		return texts(t.Elem(), name)
	case reflect.Struct:
		for i := range t.NumField() {
			list = append(list, texts(t.Field(i).Type, fmt.Sprintf("%s.%s", name, t.Field(i).Name))...)
		}
	case reflect.Interface, reflect.Chan, reflect.Func:
		return []string{name + " (anything at all)"}
	}
	return list
}

// asked lists the texts and octets in all that the service can be asked.
func asked() (list []string) {
	service := reflect.TypeFor[Service]()
	given := map[reflect.Type]bool{reflect.TypeFor[Caller](): true} // by the kernel
	for i := range service.NumMethod() {
		m := service.Method(i)
		for n := range m.Type.NumIn() {
			t := m.Type.In(n)
			switch {
			case t.Kind() == reflect.Interface, given[t]: // a context, a writer: ours
			case t.Kind() == reflect.Struct:
				list = append(list, texts(t, m.Name+"."+t.Name())...)
			default:
				list = append(list, texts(t, fmt.Sprintf("%s.%d", m.Name, n))...)
			}
		}
	}
	return list
}

// TestServiceOpensNothingThatAClientNames holds that every text in what a
// client can ask was looked at, and that none is called as if it named
// something to open.
func TestServiceOpensNothingThatAClientNames(t *testing.T) {
	seen := map[string]bool{}
	for _, field := range asked() {
		seen[field] = true
		if reviewed[field] == "" {
			t.Errorf("a client can send %s: make sure that nothing opens, runs or dials what it says, then add it to the list with what becomes of it", field)
		}
		if word := suspicious(field); word != "" {
			t.Errorf("%s is called as if it named a %s for the service to open", field, word)
		}
	}
	for field := range reviewed {
		if !seen[field] {
			t.Errorf("%s is on the list, and no client can send it", field)
		}
	}
}

// suspicious is a word in a field's name that says it is to be opened.
func suspicious(field string) string {
	name := strings.ToLower(field[strings.LastIndex(field, ".")+1:])
	for _, word := range []string{"path", "file", "dir", "folder", "url", "uri", "command", "exec", "program", "script", "hook", "host", "server", "target", "address"} {
		if strings.Contains(name, word) && name != "profile" {
			return word
		}
	}
	return ""
}

// The test can fail.
func TestSuspiciousFieldsAreSeen(t *testing.T) {
	type bundle struct {
		Kind    client.Consent
		OutFile string
		Deep    []struct{ ProxyURL *string }
	}
	got := fmt.Sprint(texts(reflect.TypeFor[bundle](), "Mail.bundle"))
	if want := "[Mail.bundle.Kind Mail.bundle.OutFile Mail.bundle.Deep.ProxyURL]"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	for field, want := range map[string]string{"Mail.bundle.OutFile": "file", "Mail.bundle.Deep.ProxyURL": "url", "Up.Up.Profile": "", "Log.LogOptions.Command": "command"} {
		if word := suspicious(field); word != want {
			t.Errorf("%s: %q", field, word)
		}
	}
}
