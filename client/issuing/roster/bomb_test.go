package roster

import (
	"archive/zip"
	"bytes"
	"io"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// workbookOf is a small workbook in which one part is something else, written by
// fill.
func workbookOf(t *testing.T, part string, fill func(w io.Writer)) []byte {
	t.Helper()
	whole := workbook(t, []any{"user"}, []any{"lisa"})
	from, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to, found := zip.NewWriter(&b), false
	for _, f := range from.File {
		if f.Name != part {
			if err := to.Copy(f); err != nil {
				t.Fatal(err)
			}
			continue
		}
		found = true
		w, err := to.Create(part)
		if err != nil {
			t.Fatal(err)
		}
		fill(w)
	}
	if err := to.Close(); err != nil || !found {
		t.Fatal(part, err)
	}
	return b.Bytes()
}

// repeated writes a text again and again, n octets of it at least.
func repeated(w io.Writer, head, text, tail string, n int) {
	chunk := []byte(strings.Repeat(text, 1<<20/len(text)+1))
	io.WriteString(w, head)
	for ; n > 0; n -= len(chunk) {
		w.Write(chunk)
	}
	io.WriteString(w, tail)
}

// What is small and unpacks to far too much, or to as much as may just be, in the part
// that costs most, takes neither the memory of the computer nor its day.
func TestZipBombs(t *testing.T) {
	const (
		sheet   = "xl/worksheets/sheet1.xml"
		strs    = "xl/sharedStrings.xml"
		most    = maxInner - 2<<20
		opening = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	)
	for name, c := range map[string]struct {
		part, head, text, tail string
		size                   int
	}{
		"far too much": {sheet, opening, `<row/>`, `</sheetData></worksheet>`, 256 << 20},
		"words":        {strs, `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`, `<si><t>a</t></si>`, `</sst>`, most},
		"deep":         {sheet, opening, `<row>`, "", most},
	} {
		t.Run(name, func(t *testing.T) {
			if raced && c.size == most {
				t.Skip("the race detector makes minutes of it, and one goroutine reads")
			}
			var table Table
			var err error
			raw := workbookOf(t, c.part, func(w io.Writer) { repeated(w, c.head, c.text, c.tail, c.size) })
			if len(raw) > maxFile {
				t.Fatalf("%d octets, and no bomb", len(raw))
			}
			begin := time.Now()
			peak := peakOf(func() { table, err = Read(raw) })
			if peak > 1<<30 {
				t.Errorf("%d MiB of memory", peak>>20)
			}
			t.Logf("%d KiB of %d MiB: %d MiB of memory, %s; %d rows, %v", len(raw)>>10, c.size>>20, peak>>20, time.Since(begin).Round(100*time.Millisecond), len(table), err)
			if len(table) > maxRows {
				t.Errorf("%d rows", len(table))
			}
		})
	}
}

// peakOf is how much more memory than before was in use at once while something was
// done, as far as one can see who looks a hundred times a second.
func peakOf(do func()) (peak uint64) {
	inUse := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	runtime.GC()
	before, done := inUse(), make(chan struct{})
	go func() { defer close(done); do() }()
	for {
		peak = max(peak, inUse())
		select {
		case <-done:
			return peak - min(peak, before)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
