package main

import (
	"os"
	"path/filepath"
	"strings"
)

// policy is what debsig-verify wants of a package that is signed by a key.
const policy = `<?xml version="1.0"?>
<!DOCTYPE Policy SYSTEM "https://www.debian.org/debsig/1.0/policy.dtd">
<Policy xmlns="https://www.debian.org/debsig/1.0/">
  <Origin Name="test" id="ID" Description="test"/>
  <Selection><Required Type="origin" File="public.gpg" id="ID"/></Selection>
  <Verification MinOptional="0"><Required Type="origin" File="public.gpg" id="ID"/></Verification>
</Policy>
`

// verifiesDeb has debsig-verify look at the packages.
func (m *maker) verifiesDeb() {
	var id string
	for line := range strings.Lines(m.runs("gpg", "--homedir", m.home, "--batch", "--with-colons", "--list-keys")) {
		if f := strings.Split(line, ":"); f[0] == "pub" {
			id = f[4]
		}
	}
	rules, rings := m.TempDir(), m.TempDir()
	m.runs("mkdir", filepath.Join(rules, id), filepath.Join(rings, id))
	m.runs("cp", filepath.Join(m.home, "public.gpg"), filepath.Join(rings, id))
	if err := os.WriteFile(filepath.Join(rules, id, "test.pol"), []byte(strings.ReplaceAll(policy, "ID", id)), 0o644); err != nil {
		m.Fatal(err)
	}
	verify := []string{"debsig-verify", "--policies-dir", rules, "--keyrings-dir", rings}
	for _, file := range m.packages("deb") {
		m.runs(append(verify, file)...)
		m.Refuses("", append(verify, m.Changed(file))...)
	}
}

// verifiesRPM has rpm look at them, with a list of keys of its own.
func (m *maker) verifiesRPM() {
	keys := "--dbpath=" + m.TempDir()
	m.Refuses("NOKEY", "rpmkeys", keys, "--checksig", "--verbose", m.packages("rpm")[0])
	m.runs("rpmkeys", keys, "--import", filepath.Join(m.home, "public.asc"))
	for _, file := range m.packages("rpm") {
		if said := m.runs("rpmkeys", keys, "--checksig", "--verbose", file); !strings.Contains(said, "RSA/SHA256 Signature, key ID") || strings.Contains(said, "BAD") {
			m.Errorf("rpm says %s", said)
		}
		m.Refuses("BAD", "rpmkeys", keys, "--checksig", "--verbose", m.Changed(file))
	}
}
