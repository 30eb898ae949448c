package roster

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// maxInner is how many octets of a workbook are unpacked: ten thousand users have
// fewer. Its words, which the library keeps apart, cost many times as much memory.
const maxInner = 16 << 20

func readWorkbook(raw []byte) (Table, error) {
	book, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxInner,
		UnzipXMLSizeLimit: maxInner, // what is larger would go into a file, and secrets with it
	})
	if err != nil {
		return nil, fmt.Errorf("the roster cannot be read as an Excel workbook: %w", err)
	}
	defer book.Close()
	rows, err := book.Rows(firstSheet(book))
	if err != nil {
		return nil, fmt.Errorf("the roster cannot be read as an Excel workbook: %w", err)
	}
	defer rows.Close()
	var t Table
	for at := 0; rows.Next() && len(t) <= maxRows; at++ {
		columns, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, fmt.Errorf("row %d of the roster cannot be read: %w", at+1, err)
		}
		if strings.Join(columns, "") == "" {
			continue // it may be formatted to the end of the sheet, and counts if another one comes
		}
		for len(t) < min(at, maxRows) {
			t = append(t, nil)
		}
		t = append(t, columns)
	}
	if err := rows.Error(); err != nil {
		return nil, fmt.Errorf("the roster cannot be read as an Excel workbook: %w", err)
	}
	if p, err := book.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		t.from1904()
	}
	return t, nil
}

// firstSheet is the first one that people see.
func firstSheet(book *excelize.File) string {
	all := book.GetSheetList()
	for _, name := range all {
		if seen, err := book.GetSheetVisible(name); err == nil && seen {
			return name
		}
	}
	return book.GetSheetName(0)
}

// days1904 is how many days later the calendar begins that old Macs had.
const days1904 = 1462

// from1904 has the days of such a workbook count as in all others.
func (t Table) from1904() {
	if len(t) == 0 {
		return
	}
	for i, name := range t[0] {
		if c, _ := column(name); c != Expires {
			continue
		}
		for _, row := range t[1:] {
			if i >= len(row) {
				continue
			}
			if days, err := strconv.ParseFloat(row[i], 64); err == nil {
				row[i] = strconv.FormatFloat(days+days1904, 'f', -1, 64)
			}
		}
	}
}
