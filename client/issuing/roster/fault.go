package roster

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Fault is one thing that is wrong in a roster: in which cell, what, and what to
// do about it. It never quotes a secret.
type Fault struct {
	Cell   string // such as D7
	Column Column
	Wrong  string
	Do     string
}

// String is the fault in one line.
func (f Fault) String() string {
	where := f.Cell
	if f.Column != "" {
		where += " (" + string(f.Column) + ")"
	}
	return where + ": " + f.Wrong + "; " + f.Do
}

// Faults are all the faults of one roster.
type Faults []Fault

// Add notes one.
func (f *Faults) Add(cell string, c Column, wrong, do string) {
	*f = append(*f, Fault{cell, c, wrong, do})
}

// Sort puts the faults into the order of their rows, then columns.
func (f Faults) Sort() {
	slices.SortStableFunc(f, func(a, b Fault) int {
		columnA, rowA, _ := excelize.CellNameToCoordinates(a.Cell)
		columnB, rowB, _ := excelize.CellNameToCoordinates(b.Cell)
		return cmp.Or(cmp.Compare(rowA, rowB), cmp.Compare(columnA, columnB))
	})
}

// Error is one line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}
