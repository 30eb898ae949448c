package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"muvpn/client"
)

// An upgrade: the new service connects what the old one had connected, and what
// was not connected stays so.
func TestAcrossAnUpgrade(t *testing.T) {
	t.Parallel()
	g := startGateway(t, 0, 0, nil)
	dir := t.TempDir()
	old := start(t, dir)
	old.imported(profileFor(t, g.IKE().Port(), g.NATT().Port(), patient))
	var said strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&said, format, args...) }
	again := old
	renew := func() error {
		if err := again.stop(); err != nil {
			return err
		}
		again = start(t, dir)
		return nil
	}
	if err := across(t.Context(), old.d.socket, say, renew); err != nil || said.String() != "" {
		t.Errorf("while nothing is connected: %v, %q", err, said.String())
	}
	if now, err := again.Status(t.Context()); err != nil || now.State != client.Disconnected {
		t.Errorf("nothing was connected and now it is %s, %v", now.State, err)
	}
	before := again.connected()
	if err := across(t.Context(), old.d.socket, say, renew); err != nil || said.String() != "Office was connected and is connected again" {
		t.Errorf("%v, %q", err, said.String())
	}
	if now := again.until("connected again", is(client.Connected)); now.IKE.Cookies == before.IKE.Cookies {
		t.Error("it is the old connection")
	}
}

// What fails is the command's failure; a service that does not answer is none.
func TestAcrossFails(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	broken := errors.New("broken")
	say := func(format string, args ...any) { t.Errorf(format, args...) }
	for _, want := range []error{nil, broken} {
		if err := across(t.Context(), socket, say, func() error { return want }); err != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// The package takes the place of muvpnd install, and of nobody else's unit.
func TestTakeOver(t *testing.T) {
	ours, err := unitText("/usr/local/sbin/muvpnd", "", byInstall)
	if err != nil {
		t.Fatal(err)
	}
	for text, stays := range map[string]bool{ours: false, "[Service]\nExecStart=/opt/own\n": true} {
		dir := t.TempDir()
		unit, wanted := filepath.Join(dir, "muvpnd.service"), filepath.Join(dir, "wanted")
		if err := errors.Join(os.WriteFile(unit, []byte(text), 0o600), os.Symlink(unit, wanted)); err != nil {
			t.Fatal(err)
		}
		said := 0
		for range 2 { // the second time there is nothing to do
			if err := takeOver(unit, wanted, func(string, ...any) { said++ }); err != nil {
				t.Fatal(err)
			}
		}
		for _, file := range []string{unit, wanted} {
			if _, err := os.Lstat(file); (err == nil) != stays {
				t.Errorf("%s: %v, is to stay: %v", file, err, stays)
			}
		}
		if (said == 1) == stays {
			t.Errorf("%d things were said", said)
		}
	}
}

// The package's unit is that of muvpnd install, but for the program and who has
// made it.
func TestPackagedUnit(t *testing.T) {
	var said strings.Builder
	if err := printUnit(func(format string, args ...any) { fmt.Fprintf(&said, format+"\n", args...) }); err != nil {
		t.Fatal(err)
	}
	unit := said.String()
	want, err := os.ReadFile("testdata/sealed.service.golden")
	if err != nil {
		t.Fatal(err)
	}
	back := strings.NewReplacer(byPackage, byInstall, packagedProgram, "/opt/office vpn/muvpnd").Replace(unit)
	if back != string(want) || !strings.HasPrefix(unit, "# "+byPackage) {
		t.Errorf("the package's unit is\n%s", unit)
	}
}

// The man pages, one for each system that has such, name every command and every
// flag.
func TestManPages(t *testing.T) {
	for _, page := range []string{"../../installers/linux/muvpnd.8", "../../installers/macos/muvpnd.8"} {
		t.Run(page, func(t *testing.T) { namesCommands(t, page) })
	}
}

// namesCommands says that the man page has every command of ours.
func namesCommands(t *testing.T, file string) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), `\-`, "-")
	for _, c := range newRoot().Commands() {
		if c.Hidden {
			continue
		}
		if !strings.Contains(text, "\n.B muvpnd "+c.Name()+"\n") && !strings.Contains(text, "\n.BI \"muvpnd "+c.Name()+" ") {
			t.Errorf("it does not explain muvpnd %s", c.Name())
		}
		namesFlags(t, text, c)
	}
}

// namesFlags says that the text has the flags of the command.
func namesFlags(t *testing.T, text string, c *cobra.Command) {
	t.Helper()
	for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(c.LocalFlags().FlagUsages(), -1) {
		if !strings.Contains(text, flag) {
			t.Errorf("it does not explain muvpnd %s %s", c.Name(), flag)
		}
	}
}
