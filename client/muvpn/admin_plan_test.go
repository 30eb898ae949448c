package main

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/client/issuing/planning"
)

// check is muvpn admin check with the usual names.
func check(t *testing.T, more ...string) said {
	t.Helper()
	return admin(t, "", append([]string{"check", "--site", "site.toml"}, more...)...)
}

// planned is a desk with a site file that nothing is wrong with, and a roster.
func planned(t *testing.T) {
	t.Helper()
	desk(t)
	write(t, "site.toml", strings.Replace(read(t, "site.toml"), `"signer.key"`, `""`, 1))
	write(t, "users.csv", "user,e-mail\nlisa,lisa@example.com\nbart,bart@example.com\n")
}

// What init writes has no fault but that its signer is not there yet.
func TestAdminCheck(t *testing.T) {
	desk(t)
	got := check(t)
	wantCode(t, got, 1)
	wantText(t, got.out, "FAULT   site.signer: signer.key, the signer of the site file, is not there", "1 fault, ")
	if got.err != "" {
		t.Errorf("beside it: %q", got.err)
	}
	wantCode(t, admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin"), 0)
	got = check(t)
	wantCode(t, got, 0)
	wantText(t, got.out, "Site site.toml", "Nothing is wrong, ", "Pool: 50 addresses, 50 free.")
	if strings.Contains(got.out, "FAULT") || strings.Contains(got.out, "Roster") {
		t.Error(got.out)
	}
}

// Faults of site and roster come in one run, and what an issue would refuse is
// among them; the exit code tells, and nothing is written.
func TestAdminCheckRoster(t *testing.T) {
	planned(t)
	got := check(t, "--roster", "users.csv")
	wantCode(t, got, 0)
	wantText(t, got.out, "Roster users.csv\n  nothing to say", "2 users. Pool: 50 addresses, 2 used, 48 free.")

	write(t, "users.csv", "user,virtual IP,OS,expires\nlisa,192.168.10.2,Windows 7\nbart,nowhere,iPad\nmaggie,,,2020-01-01\n")
	got = check(t, "--roster", "users.csv")
	wantCode(t, got, 1)
	wantText(t, got.out, "B2 (virtual IP): 192.168.10.2 is a server's address", "B3 (virtual IP): \"nowhere\"", "C2 (OS)", "C3 (OS)", "D4 (expires)", "5 faults")
	refused := issue(t)
	wantText(t, refused.err, "has 3 faults", "B2 (virtual IP)", "B3 (virtual IP)", "D4 (expires)")
	if entries, _ := os.ReadDir("."); len(entries) != 2 {
		t.Errorf("something was written: %v", entries)
	}
}

// A site file that is refused is told with its keys, and the roster's own faults
// beside it.
func TestAdminCheckBadSite(t *testing.T) {
	planned(t)
	write(t, "site.toml", strings.Replace(read(t, "site.toml"), `"192.168.10.0/24"]`, `"192.168.10.0/24", "192.168.10.0/25"]`, 1))
	write(t, "users.csv", "user,virtual IP\nlisa,nowhere\n")
	got := check(t, "--roster", "users.csv")
	wantCode(t, got, 1)
	wantText(t, got.out, "FAULT   profile.network.networks[1]: 192.168.10.0/25 overlaps 192.168.10.0/24", "FAULT   B2 (virtual IP)", "2 faults")
	wantText(t, got.err, "told when they are mended")
	write(t, "site.toml", "[site\n")
	got = check(t)
	wantCode(t, got, 1)
	wantText(t, got.out, "line 1")
}

// Who was issued before counts: nobody's secrets are needed, and a revoked user's
// address is his.
func TestAdminCheckAfterAnIssue(t *testing.T) {
	planned(t)
	wantCode(t, issue(t), 0)
	wantCode(t, admin(t, "", "revoke", "lisa", "--site", "site.toml"), 0)
	write(t, "users.csv", "user,e-mail,virtual IP\nlisa,lisa@example.com\nbart,bart@example.com\nmaggie,maggie@example.com,192.168.10.201\n")
	got := check(t, "--roster", "users.csv")
	wantCode(t, got, 1)
	wantText(t, got.out, "C4 (virtual IP): 192.168.10.201 is that of lisa, who was revoked on", "1 fault", "2 users.")
}

func TestAdminCheckJSON(t *testing.T) {
	planned(t)
	write(t, "users.csv", "user,OS\nlisa,iPad\nbart,iPad\n")
	got := check(t, "--roster", "users.csv", "--json")
	wantCode(t, got, 1)
	var r planning.Report
	if err := json.Unmarshal([]byte(got.out), &r); err != nil {
		t.Fatalf("%v: %s", err, got.out)
	}
	if r.Users != 2 || r.Pool.Free != 48 || r.Count(planning.Fault) != 1 || got.err != "" {
		t.Errorf("%s%s", got.out, got.err)
	}
	wantText(t, got.out, `"kind": "system"`, `"severity": "fault"`, `"B2"`, `"B3"`)
}

// Wrong use is 2, what cannot be read 1.
func TestAdminPlanWrongUse(t *testing.T) {
	planned(t)
	for _, verb := range []string{"check", "map"} {
		wantCode(t, admin(t, "", verb), 2)
		wantCode(t, admin(t, "", verb, "--site", "site.toml", "users.csv"), 2)
		wantCode(t, admin(t, "", verb, "--site", "missing.toml"), 1)
		wantCode(t, admin(t, "", verb, "--site", "site.toml", "--roster", "missing.csv"), 1)
	}
}

// The map goes to standard output or into a new file, and is that of the documents
// for their site.
func TestAdminMap(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", "docs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	args := []string{"map", "--site", filepath.Join(root, "map", "site.toml"), "--roster", filepath.Join(root, "map", "users.csv")}
	got := admin(t, "", args...)
	wantCode(t, got, 0)
	if got.out != read(t, filepath.Join(root, "map.svg")) || got.err != "" {
		t.Errorf("not docs/map.svg: %.200s%s", got.out, got.err)
	}
	into := admin(t, "", append(args, "--out", "map.svg")...)
	wantCode(t, into, 0)
	wantText(t, into.err, "map.svg is written")
	if read(t, "map.svg") != got.out || into.out != "" {
		t.Error("another picture in the file")
	}
	private(t, "map.svg")
	write(t, "map.svg", "mine")
	again := admin(t, "", append(args, "--out", "map.svg")...)
	wantCode(t, again, 1)
	wantText(t, again.err, "map.svg is there already")
	if read(t, "map.svg") != "mine" {
		t.Error("it was overwritten")
	}
}

// Without a roster the site alone is drawn; who is revoked is not; a roster with
// faults is not drawn at all.
func TestAdminMapOfUsers(t *testing.T) {
	planned(t)
	got := admin(t, "", "map", "--site", "site.toml")
	wantCode(t, got, 0)
	wantText(t, got.out, "All users", "Office")
	wantCode(t, issue(t), 0)
	wantCode(t, admin(t, "", "revoke", "lisa", "--site", "site.toml"), 0)
	got = admin(t, "", "map", "--site", "site.toml", "--roster", "users.csv")
	wantCode(t, got, 0)
	if wantText(t, got.out, "bart"); strings.Contains(got.out, "lisa") {
		t.Error("a revoked user is drawn")
	}
	for d := xml.NewDecoder(strings.NewReader(got.out)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	write(t, "users.csv", "user\nlisa\nLisa\n")
	got = admin(t, "", "map", "--site", "site.toml", "--roster", "users.csv", "--out", "map.svg")
	wantCode(t, got, 1)
	wantText(t, got.err, "users.csv has faults: muvpn admin check tells them")
	if _, err := os.Stat("map.svg"); err == nil {
		t.Error("something was drawn")
	}
}
