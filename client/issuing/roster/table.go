package roster

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// The limits of a roster.
const (
	maxFile  = 16 << 20 // octets
	maxRows  = 20000
	maxCells = 64 // in a row
)

// Table is what stands in a spreadsheet, cell by cell, without the blanks around
// it. Row 0 is the header.
type Table [][]string

// Cell is the name that spreadsheets show: Cell(6, 3) is D7.
func Cell(row, column int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return fmt.Sprintf("row %d, column %d", row+1, column+1)
	}
	return name
}

// Read reads CSV, with commas, semicolons or tabs, or the first sheet of an Excel
// workbook that is not hidden. Which one it is the content tells.
func Read(raw []byte) (Table, error) {
	var t Table
	var err error
	switch {
	case len(raw) > maxFile:
		return nil, errors.New("the roster has more than 16 MiB")
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		t, err = readWorkbook(raw)
	case bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0")):
		return nil, errors.New("the roster is an old or encrypted Excel file: save it as .xlsx without a password, or as CSV")
	default:
		t, err = readCSV(raw)
	}
	if err != nil {
		return nil, err
	}
	return t.trimmed()
}

func readCSV(raw []byte) (Table, error) {
	text := bytes.TrimPrefix(fromUTF16(raw), []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		return nil, errors.New("the roster is neither an Excel workbook nor CSV in UTF-8: save it as .xlsx or as “CSV UTF-8”")
	}
	separator := comma(text)
	if m := told.FindSubmatch(text); m != nil { // Excel shows no row for this line
		separator, text = rune(m[1][0]), text[len(m[0]):]
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = separator
	r.FieldsPerRecord = -1
	var t Table
	last := 0 // the line on which the record before ended
	for len(t) <= maxRows {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the roster cannot be read as CSV: %w", err)
		}
		line, _ := r.FieldPos(0)
		for range min(line-last-1, maxRows) { // the reader skips empty lines, which a spreadsheet counts
			t = append(t, nil)
		}
		t = append(t, record)
		last = line + strings.Count(strings.Join(record, ""), "\n")
	}
	return t, nil
}

// told is the line by which a file tells Excel what parts its cells.
var told = regexp.MustCompile(`^sep=([,;\t])\r?\n`)

// fromUTF16 is a text in UTF-8, if it was one in UTF-16 with a mark before it, as
// Excel's “Unicode text” is.
func fromUTF16(raw []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	case !bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		return raw
	}
	units := make([]uint16, 0, len(raw)/2)
	for raw = raw[2:]; len(raw) >= 2; raw = raw[2:] {
		units = append(units, order.Uint16(raw))
	}
	return []byte(string(utf16.Decode(units)))
}

// comma is what parts the cells: what the first line has most of.
func comma(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
			best = c
		}
	}
	return best
}

// trimmed is the table without blanks around its cells, if it has a fair size.
func (t Table) trimmed() (Table, error) {
	if len(t) > maxRows {
		return nil, fmt.Errorf("the roster has more than %d rows", maxRows)
	}
	for i, row := range t {
		for j := range row {
			row[j] = strings.TrimSpace(row[j])
		}
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		if len(row) > maxCells {
			return nil, fmt.Errorf("row %d of the roster has more than %d cells", i+1, maxCells)
		}
		t[i] = row
	}
	if len(t) == 0 || len(t[0]) == 0 {
		return nil, errors.New("the roster is empty: its first row must have the names of the columns")
	}
	return t, nil
}
