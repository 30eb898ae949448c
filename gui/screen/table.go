package screen

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Figure is something measured of a program, and of an empty window in the same
// run where there is a comparison.
type Figure struct {
	What        string // with its unit
	Ours, Empty float64
	Alone       bool    // there is no Empty: Ours itself is held to the limit
	Limit       float64 // of what Ours has over Empty
}

// Over is what is held to the limit.
func (f Figure) Over() float64 {
	if f.Alone {
		return f.Ours
	}
	return f.Ours - f.Empty
}

// Met says that the limit holds.
func (f Figure) Met() bool { return f.Over() <= f.Limit }

// verdict is Met in words.
func (f Figure) verdict() string {
	if f.Met() {
		return "met"
	}
	return "MISSED"
}

// Table are the figures for people, a line each.
func Table(list []Figure) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tmuvpn\tempty\tover\tat most\t")
	for _, f := range list {
		empty, over := fmt.Sprintf("%.2f", f.Empty), fmt.Sprintf("%+.2f", f.Over())
		if f.Alone {
			empty, over = "", ""
		}
		fmt.Fprintf(w, "%s\t%.2f\t%s\t%s\t%.2f\t%s\n", f.What, f.Ours, empty, over, f.Limit, f.verdict())
	}
	w.Flush()
	return text.String()
}

// median is the middle of an odd number of values.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
