package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rosterUsers is how many users the roster below has: few, as each takes its time;
// `make roster` has a thousand.
func rosterUsers(t *testing.T) int {
	t.Helper()
	text := os.Getenv("MUVPN_ROSTER")
	if text == "" {
		return 12
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 10 || n > 4000 {
		t.Fatalf("MUVPN_ROSTER is %q, not 10 to 4000", text)
	}
	return n
}

// A workbook of users through the program, as a process: issued, three rows changed
// and issued again, one user revoked. The derivation of keys is the real one.
func TestAdminRoster(t *testing.T) {
	desk(t)
	n := rosterUsers(t)
	site := strings.Replace(read(t, "site.toml"), "192.168.10.201-192.168.10.250", "10.9.0.0/20", 1)
	write(t, "site.toml", site)
	wantCode(t, ran(t, signerPassphrase+"\n", "admin", "keygen", "--passphrase-stdin"), 0)
	rows := [][]any{{"user", "name", "e-mail", "expires", "networks", "x-phone"}}
	for i := range n {
		rows = append(rows, []any{fmt.Sprintf("user%04d", i), fmt.Sprintf("User %d", i), fmt.Sprintf("user%d@example.com", i), 73050, nil, 4711 + i})
	}
	first, took := issuesBook(t, rows)
	if len(first) != n {
		t.Fatalf("%d files of %d users", len(first), n)
	}
	t.Logf("%d users: %s", n, took)

	rows[1][3], rows[n/2][4], rows[n][1] = time.Date(2098, 12, 31, 0, 0, 0, 0, time.UTC), "10.1.0.0/16, 10.2.0.0/16", "Another Name"
	rows[n][3] = 73051
	second, took := issuesBook(t, rows)
	changed := differing(first, second)
	want := []string{rows[1][0].(string) + ".exp", rows[n/2][0].(string) + ".exp", rows[n][0].(string) + ".exp"}
	if !slices.Equal(changed, want) {
		t.Errorf("changed are %v, not %v", changed, want)
	}
	t.Logf("three rows changed, three files: %s", took)

	gone := rows[2][0].(string)
	wantCode(t, ran(t, "", "admin", "revoke", gone, "--site", "site.toml"), 0)
	third, took := issuesBook(t, rows)
	if changed := differing(second, third); len(changed) > 0 {
		t.Errorf("a revocation changed %v", changed)
	}
	for _, name := range []string{"swanctl.conf", "firebox-users.csv", "muvpn-testgw.toml"} {
		text := read(t, filepath.Join("secrets", "gateway", name))
		if strings.Contains(text, gone) || strings.Count(text, rows[3][0].(string)) == 0 {
			t.Errorf("%s has the wrong users", name)
		}
	}
	t.Logf("one revoked, and off the gateway's three files: %s", took)
	opens(t, rows[1][0].(string), 2)
	opens(t, rows[3][0].(string), 1)
}

// issuesBook issues a workbook of these rows, and returns the profiles that there are
// afterwards, and how long it took.
func issuesBook(t *testing.T, rows [][]any) (profiles map[string]string, took time.Duration) {
	t.Helper()
	write(t, "users.xlsx", asWorkbook(t, rows))
	begin := time.Now()
	got := ran(t, signerPassphrase+"\n", strings.Fields("admin issue --site site.toml --roster users.xlsx --out out --secrets secrets --passphrase-stdin")...)
	wantCode(t, got, 0)
	took = time.Since(begin).Round(10 * time.Millisecond)
	profiles = map[string]string{}
	files, err := filepath.Glob("out/*.exp")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		profiles[filepath.Base(file)] = read(t, file)
	}
	return profiles, took
}

// differing are the files that are not the same, in order.
func differing(a, b map[string]string) (names []string) {
	for name := range b {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range a {
		if _, there := b[name]; !there {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
