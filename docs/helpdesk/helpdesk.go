package helpdesk

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"muvpn/client/explain"
	"muvpn/client/reason"
)

// update says that blocks are written and not compared.
const update = "MUVPN_UPDATE_HELPDESK"

// The blocks of a page.
const (
	Told    = "told"    // what people are told
	Log     = "log"     // the client's log, or what the command line says
	Gateway = "gateway" // muvpn-testgw's log of the same attempt
)

// Path is the file of a code's page.
func Path(c reason.Code) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), string(c)+".md")
}

// Hold compares a block of a code's page with what it should be, or writes it if the
// environment says so. A page without the block is a failure.
func Hold(t testing.TB, c reason.Code, block, want string) {
	t.Helper()
	page, err := os.ReadFile(Path(c))
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Sprintf("<!-- %s: made by make helpdesk -->\n", block), fmt.Sprintf("<!-- end of %s -->\n", block)
	before, rest, found := strings.Cut(string(page), begin)
	got, after, ended := strings.Cut(rest, end)
	switch {
	case !found || !ended:
		t.Errorf("%s.md has no block %q", c, block)
	case got == want:
	case os.Getenv(update) == "":
		t.Errorf("%s.md is not what the program says; make helpdesk writes it anew. It has\n%swant\n%s", c, got, want)
	default:
		if err := os.WriteFile(Path(c), []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Lines is a log as a block has it, with an arrow before each line in which one of
// the words stands. No such line is a failure: the page would show nothing.
func Lines(t testing.TB, log string, decisive ...string) string {
	t.Helper()
	var b strings.Builder
	marked := 0
	for line := range strings.Lines(log) {
		mark := "  "
		for _, words := range decisive {
			if strings.Contains(line, words) {
				mark, marked = "→ ", marked+1
				break
			}
		}
		b.WriteString(mark + strings.TrimRight(line, "\n") + "\n")
	}
	if marked == 0 {
		t.Errorf("%q is not in\n%s", decisive, log)
	}
	return "```\n" + b.String() + "```\n"
}

// Said is the block of what people are told of a code.
func Said(c reason.Code) string {
	a := explain.For(c)
	return fmt.Sprintf("**%s**\n\n| told | |\n| --- | --- |\n| the user | %s |\n| you | %s |\n", a.What, a.User, a.Admin)
}
