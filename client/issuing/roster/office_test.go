package roster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// edited is a workbook as somebody's hands have made it.
func edited(t *testing.T, edit func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := edit(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// set fills cells of the first sheet, by their names.
func set(f *excelize.File, cells map[string]any) error {
	for name, value := range cells {
		if err := f.SetCellValue(f.GetSheetName(0), name, value); err != nil {
			return err
		}
	}
	return nil
}

// A real workbook has cells of many types: numbers that are names, days with a
// format or as text, what formulas gave, words in two fonts, true and false.
func TestTypedCells(t *testing.T) {
	day := time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	raw := edited(t, func(f *excelize.File) error {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: new("DD.MM.YYYY")})
		if err != nil {
			return err
		}
		f.SetCellStyle("Sheet1", "C2", "C3", style)
		f.SetCellRichText("Sheet1", "B2", []excelize.RichTextRun{{Text: "Lisa "}, {Text: "S.", Font: &excelize.Font{Bold: true}}})
		f.SetCellFormula("Sheet1", "D2", `CONCATENATE("192.168.10.","201")`)
		return set(f, map[string]any{"A1": "user", "B1": "name", "C1": "expires", "D1": "virtual IP", "E1": "x-active",
			"A2": 4711, "C2": day, "D2": "192.168.10.201", "E2": true, "A3": "bart", "C3": 46752.5, "A4": 1234567890123, "C4": "2027-12-31"})
	})
	list := users(t, raw)
	if len(list.Users) != 3 {
		t.Fatalf("%d users", len(list.Users))
	}
	for i, want := range []string{"4711", "bart", "1234567890123"} {
		if u := list.Users[i]; u.Name != want || !u.Expires.Equal(day) {
			t.Errorf("row %d: %+v", i+2, u)
		}
	}
	if u := list.Users[0]; u.FullName != "Lisa S." || u.VirtualIP.String() != "192.168.10.201" {
		t.Errorf("%+v", u)
	}
}

// A workbook of old Macs counts its days from another one.
func TestDaysFrom1904(t *testing.T) {
	day := time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	raw := edited(t, func(f *excelize.File) error {
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: new(true)}); err != nil {
			return err
		}
		return set(f, map[string]any{"A1": "user", "B1": "expires", "A2": "lisa", "B2": 46752 - 1462})
	})
	if u := users(t, raw).Users[0]; !u.Expires.Equal(day) {
		t.Errorf("expires %v", u.Expires)
	}
}

// Rows and columns that are only formatted, hidden or merged are no users; a hidden
// sheet is not the first one.
func TestWhatIsNoRow(t *testing.T) {
	raw := edited(t, func(f *excelize.File) error {
		style, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
		if err != nil {
			return err
		}
		f.SetSheetName("Sheet1", "lists")
		set(f, map[string]any{"A1": "no", "A2": "roster"})
		f.NewSheet("Users")
		for name, value := range map[string]any{"A1": "user", "B1": "networks", "A2": "lisa", "B2": "10.1.0.0/16", "A3": "bart", "A60": "maggie"} {
			f.SetCellValue("Users", name, value)
		}
		f.MergeCell("Users", "B2", "B3")
		f.SetRowVisible("Users", 3, false)
		f.SetCellStyle("Users", "A1", "J2000", style)
		f.SetActiveSheet(1)
		return f.SetSheetVisible("lists", false)
	})
	list := users(t, raw)
	if len(list.Users) != 3 || list.Users[2].Name != "maggie" || list.Where(list.Users[2].Row, Name) != "A60" {
		t.Fatalf("%+v", list.Users)
	}
	if len(list.Users[0].Networks) != 1 || len(list.Users[1].Networks) != 0 {
		t.Errorf("of merged cells the first one has the value: %+v", list.Users[:2])
	}
}

// What a formula could not work out is no value.
func TestBrokenFormula(t *testing.T) {
	raw := edited(t, func(f *excelize.File) error {
		return set(f, map[string]any{"A1": "user", "B1": "virtual IP", "A2": "#REF!", "A3": "bart", "B3": "#N/A"})
	})
	table, err := Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	_, faults := table.Users()
	if got := faults.Error(); len(faults) != 2 || !strings.Contains(got, `A2 (user): "#REF!"`) || !strings.Contains(got, `B3 (virtual IP): "#N/A"`) {
		t.Errorf("%v", got)
	}
}

// Excel writes CSV in the words of its country, with semicolons, and "Unicode text"
// as UTF-16 with tabs.
func TestCSVOfExcel(t *testing.T) {
	utf16of := func(text string, order binary.AppendByteOrder) []byte {
		raw := order.AppendUint16(nil, 0xfeff)
		for _, unit := range utf16.Encode([]rune(text)) {
			raw = order.AppendUint16(raw, unit)
		}
		return raw
	}
	const tabs = "user\tname\tnetworks\r\nlisa\tLísa Müller\t\"10.1.0.0/16, 10.2.0.0/16\"\r\n"
	for name, raw := range map[string][]byte{
		"UTF-8 with a mark":         []byte("\xef\xbb\xbfuser;name;networks\r\nlisa;Lísa Müller;10.1.0.0/16, 10.2.0.0/16\r\n"),
		"told what parts the cells": []byte("sep=;\r\nuser;name;networks\r\nlisa;Lísa Müller;10.1.0.0/16, 10.2.0.0/16\r\n"),
		"UTF-16":                    utf16of(tabs, binary.LittleEndian),
		"UTF-16, the other order":   utf16of(tabs, binary.BigEndian),
	} {
		table, err := Read(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		list, faults := table.Users()
		if faults != nil || len(list.Users) != 1 || list.Users[0].FullName != "Lísa Müller" || len(list.Users[0].Networks) != 2 {
			t.Errorf("%s: %+v, %v", name, list.Users, faults)
		}
	}
	if _, err := Read([]byte("user;name\r\nlisa;M\xfcller\r\n")); err == nil || !strings.Contains(err.Error(), "CSV UTF-8") {
		t.Errorf("in the system's own letters: %v", err)
	}
}

// Ten thousand users with all that a roster has are not too much.
func TestManyUsers(t *testing.T) {
	rows := [][]any{{"user", "name", "e-mail", "virtual IP", "networks", "expires", "equipment", "OS", "notes"}}
	many := 10000
	if raced {
		many = 500
	}
	for n := range many {
		rows = append(rows, []any{fmt.Sprintf("user%05d", n), fmt.Sprintf("First%d Last%d", n, n), fmt.Sprintf("first%d.last%d@example.com", n, n),
			fmt.Sprintf("10.9.%d.%d", n/250, n%250+1), "10.1.0.0/16, 10.2.0.0/16", 46752, fmt.Sprintf("notebook %d", n), "Windows 11", fmt.Sprintf("room %d, second floor", n)})
	}
	if list := users(t, workbook(t, rows...)); len(list.Users) != many {
		t.Errorf("%d users", len(list.Users))
	}
}
