package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// table is one of an MSI's, as its tools write it down (IDT): the names of the
// columns, their kinds, the table's own name with those of its key, then the rows.
// Tabs and ends of lines never stand in a value: the tools replace them.
type table struct {
	head    []string // the second line and the third
	name    string
	columns []string
	rows    [][]string
}

func readTable(file string) (*table, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\r\n"), "\r\n")
	if len(lines) < 3 {
		return nil, fmt.Errorf("%s is no table", file)
	}
	t := &table{columns: strings.Split(lines[0], "\t"), head: lines[1:3]}
	t.name, _, _ = strings.Cut(lines[2], "\t")
	for _, line := range lines[3:] {
		row := strings.Split(line, "\t")
		if len(row) != len(t.columns) {
			return nil, fmt.Errorf("%s has a row of %d columns, not %d: %s", file, len(row), len(t.columns), line)
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

func (t *table) write(file string) error {
	lines := append([]string{strings.Join(t.columns, "\t")}, t.head...)
	for _, row := range t.rows {
		lines = append(lines, strings.Join(row, "\t"))
	}
	return os.WriteFile(file, []byte(strings.Join(lines, "\r\n")+"\r\n"), 0o644)
}

// at is a row's value in a column.
func (t *table) at(row []string, column string) *string {
	return &row[slices.Index(t.columns, column)]
}

// set sets a column in the rows whose key has a value.
func (t *table) set(key, value, column, to string) {
	for _, row := range t.rows {
		if *t.at(row, key) == value {
			*t.at(row, column) = to
		}
	}
}

// correct puts the rows into an order that does not change, and sets what wixl
// does not know.
func (t *table) correct() {
	slices.SortFunc(t.rows, slices.Compare)
	switch t.name {
	case "Property":
		// The rest keeps the properties of an upgrade's own.
		for _, row := range t.rows {
			if *t.at(row, "Property") == "SecureCustomProperties" {
				*t.at(row, "Value") += ";" + strings.Join(settings, ";")
			}
		}
		t.rows = append(t.rows, []string{"REINSTALLMODE", "amus"}) // whatever lies there already: an upgrade has it removed
		slices.SortFunc(t.rows, slices.Compare)
	case "Shortcut":
		t.set("Shortcut", "Window", "Target", "[#Window]") // wixl knows only those that Windows Installer resolves
	case "RemoveFile":
		t.set("FileKey", "SetupLog", "FileName", "setup.log") // wixl knows only folders
	case "Component":
		t.set("Component", "Extension", "Condition", fmt.Sprintf(`NOT EXTENSION OR EXTENSION = "%s"`, progID))
	case "CustomAction":
		t.immediate()
	}
}

// The bits of a custom action's type that matter here.
const (
	actionKind    = 0x3f
	setsProperty  = 51
	inScript      = 0x400
	noImpersonate = 0x800
)

// immediate takes from what sets a property the bit that is for others.
func (t *table) immediate() {
	for _, row := range t.rows {
		kind := t.at(row, "Type")
		if n, err := strconv.Atoi(*kind); err == nil && n&actionKind == setsProperty {
			*kind = strconv.Itoa(n &^ noImpersonate)
		}
	}
}
