package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"muvpn/client/clienttest"
	"muvpn/client/reason"
	"muvpn/docs/helpdesk"
)

// The helpdesk's page of a file that does not open shows what the command line says
// of one: with a wrong passphrase, and changed on its way.
func TestHelpdeskPageOfAFile(t *testing.T) {
	whole, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lisa.exp")
	said := ""
	changed := bytes.Replace(whole, []byte("Serial: 1"), []byte("Serial: 2"), 1)
	for _, c := range []struct {
		typed   string
		content []byte
	}{{"guess", whole}, {passphrase, changed}} {
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		said += piped(t, clienttest.Start(t), c.typed+"\n", "import", path, "--passphrase-stdin", "--yes", "--legacy").err
	}
	helpdesk.Hold(t, reason.ProfileChanged, helpdesk.Log, helpdesk.Lines(t, said, "muvpn: "))
}
