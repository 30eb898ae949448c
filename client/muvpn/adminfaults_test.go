package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// mistaken is a roster with twenty mistakes: of its form, of its values, of rows
// that do not go together, and of what only the site can tell.
var mistaken = [][]any{
	{"user", "name", "e-mail", "virtual IP", "secret", "networks", "expires", "equipment", "keep/rotate", "colour", "User"},
	{"lisa", "Lisa", "lisa@example.com"},
	{nil, "who is this"},
	{"a/b", nil, "a@example.com"},
	{"aux", nil, "aux@example.com"},
	{"Lisa", nil, "second@example.com"},
	{"d", "two\nlines", "d@example.com"},
	{"e", nil, "e at example"},
	{"f", nil, "f@example.com", "192.168.10.300"},
	{"g", nil, "g@example.com", "192.168.10.9"},
	{"h", nil, "h@example.com", "192.168.10.9"},
	{"i", nil, "i@example.com", "192.168.10.2"},
	{"j", nil, "j@example.com", nil, "clé-partagée"},
	{"k", nil, "k@example.com", nil, nil, "192.168.10.0"},
	{"l", nil, "l@example.com", nil, nil, "10.1.0.1/16"},
	{"m", nil, "m@example.com", nil, nil, "10.0.0.0/8, 10.1.0.0/16"},
	{"n", nil, "n@example.com", nil, nil, nil, "soon"},
	{"o", nil, "o@example.com", nil, nil, nil, time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC)},
	{"p", nil, "lisa@example.com"},
	{"q", nil, "q@example.com", nil, nil, nil, nil, nil, "perhaps"},
	{"r", nil, "r@example.com", nil, nil, nil, nil, strings.Repeat("long ", 60)},
	{"bart", "Bart", "bart@example.com"},
}

// told are the cells of the mistakes, and what is said of each.
var told = []string{
	`J1: unknown column "colour"`,
	"K1 (user): A1 has this column already",
	"A3 (user): missing",
	`A4 (user): "a/b" has characters`,
	`A5 (user): "aux" cannot be the name of a file`,
	`A6 (user): "Lisa" stands in A2 already`,
	"B7 (name): has line ends",
	`C8 (e-mail): "e at example" is no e-mail address`,
	`D9 (virtual IP): "192.168.10.300" is no IP address`,
	"D11 (virtual IP): 192.168.10.9 is that of D10 already",
	"D12 (virtual IP): 192.168.10.2 is a server's address",
	"E13 (secret): has characters beyond plain ASCII",
	`F14 (networks): "192.168.10.0" is no network`,
	"F15 (networks): 10.1.0.1/16 has bits beyond its mask",
	"F16 (networks): 10.1.0.0/16 overlaps 10.0.0.0/8",
	`G17 (expires): "soon" is no date`,
	"G18 (expires): 2020-12-31 is over",
	"A19 (user): the same identity as A2",
	`I20 (keep/rotate): "perhaps" is neither keep nor rotate`,
	"H21 (equipment): too long",
}

// Twenty mistakes are told in one run, each with its cell, and nothing is written:
// every file is what it was, to its time.
func TestAdminIssueTellsTwentyMistakes(t *testing.T) {
	dir := desk(t)
	site := strings.Replace(read(t, "site.toml"), `"signer.key"`, `""`, 1)
	write(t, "site.toml", strings.Replace(site, `local_id = { type = "user_fqdn", value = "{user}" }`, `local_id = { type = "user_fqdn", value = "{email}" }`, 1))
	write(t, "users.csv", "user,e-mail\nlisa,lisa@example.com\nbart,bart@example.com\n")
	wantCode(t, issue(t), 0)
	write(t, "mistaken.csv", asCSV(t, mistaken))
	write(t, "mistaken.xlsx", asWorkbook(t, mistaken))
	before := folder(t, dir)
	if before["out/lisa.exp"] == "" || before["secrets/keys.json"] == "" || before["site.state.json"] == "" {
		t.Fatalf("nothing was there before: %v", before)
	}
	for _, name := range []string{"mistaken.csv", "mistaken.xlsx"} {
		got := issue(t, "--roster", name)
		wantCode(t, got, 1)
		head, list, _ := strings.Cut(got.err, "\n")
		if want := fmt.Sprintf("muvpn: nothing was written, for %s has 20 faults:", name); head != want || got.out != "" {
			t.Errorf("%s: said %q and %q, want %q", name, head, got.out, want)
		}
		lines := strings.Split(strings.TrimSuffix(list, "\n"), "\n")
		if len(lines) != len(told) {
			t.Errorf("%s: %d mistakes were told, of %d:\n%s", name, len(lines), len(told), list)
		}
		for i := range min(len(lines), len(told)) {
			if !strings.HasPrefix(lines[i], told[i]) || !strings.Contains(lines[i], "; ") {
				t.Errorf("%s: told %s\nwant %s; and what to do", name, lines[i], told[i])
			}
		}
		if strings.Contains(got.err, "clé") {
			t.Errorf("%s: a secret is told", name)
		}
		if diff := cmp.Diff(before, folder(t, dir)); diff != "" {
			t.Errorf("%s: written although it was refused:\n%s", name, diff)
		}
	}
}

// asCSV writes rows as CSV.
func asCSV(t *testing.T, rows [][]any) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	for _, row := range rows {
		record := make([]string, len(row))
		for i, value := range row {
			switch v := value.(type) {
			case nil:
			case time.Time:
				record[i] = v.Format(time.DateOnly)
			default:
				record[i] = fmt.Sprint(v)
			}
		}
		if err := w.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.String()
}

// asWorkbook writes rows as .xlsx, where a day is a number.
func asWorkbook(t *testing.T, rows [][]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// folder is everything in a folder and below: mode, time and content of each file,
// mode of each folder.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(name)] = info.Mode().String()
		if e.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		all[filepath.ToSlash(name)] = fmt.Sprintf("%s %s %s", info.Mode(), info.ModTime(), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
