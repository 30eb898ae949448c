package main

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// whole is a command that names its program by a file of the MSI's own, which
// Windows Installer makes a whole path of, in quotes; each of its arguments is a
// word, or a property in quotes.
var whole = regexp.MustCompile(`^"\[#[\w.-]+\]"( [a-z-]+| "\[[A-Z]+\]"| \[AtLogin\])*$`)

// faults are the custom actions of a text for wixl that run anything else.
func faults(text []byte) (list []string, actions int, err error) {
	var wix struct {
		Product struct {
			Files []struct {
				Id string `xml:"Id,attr"`
			} `xml:"Directory>Directory>Directory>Component>File"`
			Actions []struct {
				Id        string `xml:"Id,attr"`
				Property  string `xml:"Property,attr"`
				Value     string `xml:"Value,attr"`
				BinaryKey string `xml:"BinaryKey,attr"`
				Execute   string `xml:"Execute,attr"`
				Return    string `xml:"Return,attr"`
			} `xml:"CustomAction"`
		}
	}
	if err := xml.Unmarshal(text, &wix); err != nil {
		return nil, 0, err
	}
	installed := map[string]bool{}
	for _, f := range wix.Product.Files {
		installed[f.Id] = true
	}
	for _, a := range wix.Product.Actions {
		file, _, _ := strings.Cut(strings.TrimPrefix(a.Value, `"[#`), "]")
		switch runs := a.Property == "Configure" || a.Property == "Leave"; {
		case runs && whole.MatchString(a.Value) && installed[file]:
		case !runs && a.Property == "AtLogin" && a.Value == "--at-login":
		case a.Property == "" && a.BinaryKey == "Action" && a.Execute == "deferred" && a.Return == "check":
		default:
			list = append(list, a.Id)
		}
	}
	return list, len(wix.Product.Actions), nil
}

// Nothing that the MSI runs is found by a search, or torn apart at a space
// (threats: installer).
func TestActionsRunWholePaths(t *testing.T) {
	text, err := os.ReadFile("msi/muvpn.wxs")
	if err != nil {
		t.Fatal(err)
	}
	list, actions, err := faults(text)
	if err != nil || len(list) != 0 || actions != 8 {
		t.Errorf("of %d actions, %q may run something else (%v)", actions, list, err)
	}
	for _, bad := range []string{
		`<CustomAction Id="X" Property="Configure" Value="[#muvpnd.exe] package configure" />`,
		`<CustomAction Id="X" Property="Configure" Value="muvpnd.exe package configure" />`,
		`<CustomAction Id="X" Property="Leave" Value="&quot;[TempFolder]muvpnd.exe&quot; package leave" />`,
		`<CustomAction Id="X" Property="Leave" Value="&quot;[#cmd.exe]&quot; package leave" />`,
		`<CustomAction Id="X" Property="Configure" Value="&quot;[#muvpnd.exe]&quot; package configure --signers [SIGNERS]" />`,
		`<CustomAction Id="X" Directory="Programs" ExeCommand="muvpnd.exe package configure" Execute="deferred" Return="check" />`,
		`<CustomAction Id="X" BinaryKey="Action" DllEntry="Run" Execute="deferred" Return="ignore" />`,
	} {
		changed := strings.Replace(string(text), "<InstallExecuteSequence>", bad+"<InstallExecuteSequence>", 1)
		if list, _, err := faults([]byte(changed)); err != nil || len(list) != 1 {
			t.Errorf("%s is no fault: %q, %v", bad, list, err)
		}
	}
}

// Every property that may be set is in the text, and is taken to the part of the
// installation that runs as the system.
func TestPropertiesAreKnown(t *testing.T) {
	text, err := os.ReadFile("msi/muvpn.wxs")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range settings {
		if !regexp.MustCompile(`\b` + name + `\b`).Match(text) {
			t.Errorf("nothing comes of %s", name)
		}
	}
	file := filepath.Join(t.TempDir(), "Property.idt")
	if err := os.WriteFile(file, []byte("Property\tValue\r\ns72\tl0\r\nProperty\tProperty\r\nSecureCustomProperties\tOLDER;NEWER\r\nA\tB\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := readTable(file)
	if err != nil {
		t.Fatal(err)
	}
	table.correct()
	if err := table.write(file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(got), "OLDER;NEWER;SIGNERS;PROFILE;PASSPHRASEFILE;ATLOGIN;KEEP") || !strings.Contains(string(got), "A\tB\r\n") {
		t.Errorf("%q, %v", got, err)
	}
}

// What is to be installed is in the MSI, too.
func TestNothingIsLeftOut(t *testing.T) {
	text, err := os.ReadFile("msi/muvpn.wxs")
	if err != nil {
		t.Fatal(err)
	}
	o := &order{stage: t.TempDir()}
	for _, name := range []string{"muvpnd.exe", window} {
		if err := os.WriteFile(filepath.Join(o.stage, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.allIn(string(text)); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(o.stage, "more.dll"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.allIn(string(text)); err == nil || !strings.Contains(err.Error(), "does not have more.dll") {
		t.Errorf("something is left out: %v", err)
	}
}

// A number stands for the whole, and for how it is divided.
func TestGuid(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`)
	seen := map[string]bool{}
	for _, parts := range [][][]byte{{[]byte("ab")}, {[]byte("a"), []byte("b")}, {[]byte("b"), []byte("a")}, nil} {
		one, two := guid(parts...), guid(parts...)
		if one != two || !shape.MatchString(one) || seen[one] {
			t.Errorf("%q: %s, %s", parts, one, two)
		}
		seen[one] = true
	}
}

// The MSI enters the service as muvpnd enters itself.
func TestServiceIsEnteredAsEverywhere(t *testing.T) {
	for file, words := range map[string]string{
		"manager.go":         `"` + serviceAbout + `"`,
		"manager_windows.go": `var arguments = []string{"run", "--" + managedFlag}`,
	} {
		text, err := os.ReadFile(filepath.Join("../../service/muvpnd", file))
		if err != nil || !strings.Contains(string(text), words) {
			t.Errorf("%s does not have %s (%v)", file, words, err)
		}
	}
	if serviceArguments != "run --managed" {
		t.Errorf("the MSI's service is started by %s", serviceArguments)
	}
}
