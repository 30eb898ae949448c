package roster

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// users reads a roster that has no fault.
func users(t *testing.T, raw []byte) List {
	t.Helper()
	table, err := Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	list, faults := table.Users()
	if faults != nil {
		t.Fatal(faults)
	}
	return list
}

// workbook is an .xlsx with these cells.
func workbook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", Cell(i, 0), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The same users come of a workbook and of CSV in every form; names of columns
// may be written and ordered as one likes.
func TestReadsWorkbookAndCSV(t *testing.T) {
	day := time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	for name, raw := range map[string][]byte{
		"workbook": workbook(t, []any{"E-Mail", "USER", "virtual ip", "Networks", "Expires", "x-phone", "Keep/Rotate"},
			[]any{"lisa@example.com", "lisa", "192.168.10.201", "10.1.0.0/16, 10.2.0.0/16", day, 4711, "Rotate"},
			[]any{}, []any{nil, "4711", nil, nil, "2027-12-31"}),
		"commas": []byte("e-mail,user,Virtual-IP,networks,expires,x-phone,keep/rotate\n" +
			"lisa@example.com, lisa ,192.168.10.201,\"10.1.0.0/16,10.2.0.0/16\",2027-12-31,4711,rotate\n,,,,,,\n,4711,,,2027-12-31\n"),
		"semicolons, a mark, CR LF": []byte("\xef\xbb\xbfmail;User Name;VIP;network;expiry;x-phone;rotate\r\n" +
			"lisa@example.com;lisa;192.168.10.201;10.1.0.0/16 10.2.0.0/16;2027-12-31;4711;rotate\r\n\r\n;4711;;;2027-12-31\r\n"),
		"tabs": []byte("e_mail\tuser\tip\tnetworks\texpires\tX-Phone\tkeep or rotate\n" +
			"lisa@example.com\tlisa\t192.168.10.201\t10.1.0.0/16;10.2.0.0/16\t2027-12-31\t4711\trotate\n\n\t4711\t\t\t2027-12-31"),
	} {
		list := users(t, raw)
		if len(list.Users) != 2 {
			t.Errorf("%s: %d users", name, len(list.Users))
			continue
		}
		lisa, other := list.Users[0], list.Users[1]
		if lisa.Name != "lisa" || lisa.Email != "lisa@example.com" || lisa.VirtualIP.String() != "192.168.10.201" ||
			len(lisa.Networks) != 2 || !lisa.Rotate || !lisa.Expires.Equal(day) {
			t.Errorf("%s: %+v", name, lisa)
		}
		if other.Name != "4711" || other.Row != 3 || other.VirtualIP.IsValid() || !other.Expires.Equal(day) || list.Where(other.Row, VirtualIP) != "C4" {
			t.Errorf("%s: %+v", name, other)
		}
	}
}

// Rows are counted as a spreadsheet counts them, whatever stands in the cells.
func TestRowsOfCSV(t *testing.T) {
	list := users(t, []byte("user,notes\n\n\nlisa,\"two\nlines\"\n\nbart\n"))
	if got := []string{list.Where(list.Users[0].Row, Name), list.Where(list.Users[1].Row, Name)}; got[0] != "A4" || got[1] != "A6" {
		t.Errorf("%v", got)
	}
}

// Each mistake is told with its cell, all at once, in the order of the sheet.
func TestEveryFaultWithItsCell(t *testing.T) {
	rows := []string{
		"user,name,e-mail,virtual IP,secret,networks,expires,equipment,OS,notes,keep/rotate,colour,Secret",
		",no name",
		"a/b",
		strings.Repeat("x", 65),
		"aux.txt",
		"a,\"two\nlines\"",
		"b,,lisa at example",
		"c,,,192.168.10.300",
		"d,,,,[redacted]",
		"e,,,,clé-partagée-sur-le-réseau",
		"f,,,,,192.168.10.0",
		"g,,,,,192.168.10.5/24",
		"h,,,,,10.0.0.0/8 10.1.0.0/16",
		"i,,,,,,31.12.2027",
		"j,,,,,,,,,,perhaps",
		"k,,,,a-secret-of-its-own,,,,,,rotate",
		"C",
		"l,,,192.168.10.9",
		"m,,,192.168.10.9",
		"n,,,,,,,,,,,,,beyond",
		"o,,,,,,," + strings.Repeat("y", 300),
		"p,,,," + strings.Repeat("z", 1025),
		".hidden",
	}
	table, err := Read([]byte(strings.Join(rows, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	_, faults := table.Users()
	want := []string{
		"L1: unknown column", "M1 (secret): E1 has this column already",
		"A2 (user): missing", `A3 (user): "a/b"`, "A4 (user): longer than 64", `A5 (user): "aux.txt"`,
		"B6 (name): has line ends", `C7 (e-mail): "lisa at example"`, `D8 (virtual IP): "192.168.10.300"`,
		"E9 (secret): the secret itself", "E10 (secret): has characters", `F11 (networks): "192.168.10.0" is no network`,
		"F12 (networks): 192.168.10.5/24 has bits", "F13 (networks): 10.1.0.0/16 overlaps 10.0.0.0/8",
		`G14 (expires): "31.12.2027" is no date`, `K15 (keep/rotate): "perhaps"`, "K16 (keep/rotate): rotate, although",
		`A17 (user): "C" stands in A8 already`, "D19 (virtual IP): 192.168.10.9 is that of D18",
		"N20: a value in a column without a name", "H21 (equipment): too long", "E22 (secret): longer than 1024",
		`A23 (user): ".hidden"`,
	}
	if len(faults) != len(want) {
		t.Errorf("%d faults, not %d:\n%v", len(faults), len(want), faults)
	}
	for i := range min(len(faults), len(want)) {
		if got := faults[i].String(); !strings.HasPrefix(got, want[i]) || faults[i].Do == "" {
			t.Errorf("told %s\nwant %s", got, want[i])
		}
	}
	for _, secret := range []string{"clé-partagée", "a-secret-of-its-own", "zzzz"} {
		if strings.Contains(faults.Error(), secret) {
			t.Errorf("a fault quotes the secret %s", secret)
		}
	}
}

func TestNoRoster(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"nothing":       {"", "empty"},
		"old workbook":  {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or encrypted"},
		"bad workbook":  {"PK\x03\x04nothing", "cannot be read as an Excel workbook"},
		"other letters": {"user\nM\xfcller", "UTF-8"},
		"quotes":        {"user\n\"lisa\n", "CSV"},
		"big":           {strings.Repeat("x", maxFile+1), "16 MiB"},
		"long":          {"user\n" + strings.Repeat("x\n", maxRows+1), "rows"},
		"many lines":    {"user\n" + strings.Repeat("\n", 10*maxRows) + "x", "rows"},
		"wide":          {"user" + strings.Repeat(",x", maxCells), "cells"},
	} {
		if _, err := Read([]byte(c.raw)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for raw, want := range map[string]string{"name\nLisa": "no column “user”", "user,name\n": "no user below"} {
		table, err := Read([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := table.Users(); len(faults) != 1 || !strings.Contains(faults.Error(), want) {
			t.Errorf("%q: %v", raw, faults)
		}
	}
}

// Whatever is in a roster, reading it does not fall over. It begins with small real
// ones, of each form.
func FuzzRead(f *testing.F) {
	f.Add([]byte("user,virtual IP,expires\nlisa,192.168.10.201,46752\n"))
	f.Add([]byte("user;networks\nlisa;10.0.0.0/8\n"))
	f.Add([]byte("PK\x03\x04"))
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < 8 {
		f.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if table, err := Read(raw); err != nil || len(table) < 2 {
			f.Fatalf("%s: %d rows, %v", name, len(table), err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			t.Skip("what is large takes its time, which TestZipBombs bounds")
		}
		table, err := Read(raw)
		if err != nil {
			return
		}
		if len(table) > maxRows {
			t.Errorf("%d rows", len(table))
		}
		_, faults := table.Users()
		for _, fault := range faults {
			if fault.Cell == "" || fault.Wrong == "" || fault.Do == "" {
				t.Errorf("a fault that says nothing: %+v", fault)
			}
		}
	})
}
