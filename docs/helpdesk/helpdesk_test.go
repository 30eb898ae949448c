package helpdesk

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muvpn/client/explain"
	"muvpn/client/explain/logs"
	"muvpn/client/reason"
)

// parts are the headlines of every page, in their order.
var parts = []string{"What happened", "The logs", "What to check, in this order", "What looks like it", "Ask the user", "How to be sure"}

// Every Reason has its page, with all its parts and what people are told; there is no
// other page, and the index leads to each.
func TestEveryReasonHasItsPage(t *testing.T) {
	index, err := os.ReadFile("../helpdesk.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range reason.Codes {
		Hold(t, c, Told, Said(c))
		page := text(t, c)
		rest := page
		for _, part := range parts {
			_, after, found := strings.Cut(rest, "\n## "+part+"\n")
			if !found {
				t.Errorf("%s.md has no %q in its place", c, part)
			}
			rest = after
		}
		if !strings.HasPrefix(page, "# "+string(c)+"\n") || !strings.Contains(page, "→ ") {
			t.Errorf("%s.md has another headline, or no line that decides", c)
		}
		if row := fmt.Sprintf("| [%s](helpdesk/%s.md) | %s |\n", c, c, explain.For(c).What); strings.Count(string(index), row) != 1 {
			t.Errorf("helpdesk.md has not the one row %s", row)
		}
	}
	files, err := filepath.Glob("*.md")
	if err != nil || len(files) != len(reason.Codes) {
		t.Errorf("%d pages, %v", len(files), err)
	}
}

// The lines of other gateways, which were recorded in the lab or are those that are
// published, are read by explain as what the page says of them.
func TestLinesOfOtherGateways(t *testing.T) {
	formats := []logs.Format{logs.StrongSwan, logs.Libreswan}
	seen := 0
	for _, c := range reason.Codes {
		page := text(t, c)
		for _, f := range formats {
			_, rest, found := strings.Cut(page, "\n```"+string(f)+"\n")
			if !found {
				continue
			}
			seen++
			block, _, _ := strings.Cut(rest, "```\n")
			holdLog(t, c, f, block)
		}
	}
	if seen < 15 {
		t.Errorf("only %d were looked at", seen)
	}
}

// holdLog says that a log is of a format, and that each marked line gives the Reason.
func holdLog(t *testing.T, c reason.Code, f logs.Format, block string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(block, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimPrefix(line, "→ "), "  ")
	}
	l := logs.Read("x", []byte(strings.Join(lines, "\n")+"\n"))
	if l.Format != f || l.Unread > 0 {
		t.Errorf("%s.md: %q, %d lines unread:\n%s", c, l.Format, l.Unread, block)
	}
	for i, line := range strings.Split(block, "\n") {
		at := slices.IndexFunc(l.Events, func(e logs.Event) bool { return e.Line == i+1 })
		marked := strings.HasPrefix(line, "→ ")
		refuses := at >= 0 && l.Events[at].Reason != nil
		if refuses != marked || marked && l.Events[at].Reason.Code != c {
			t.Errorf("%s.md: %q is read as something else", c, line)
		}
	}
}

// key is one of a profile, as the pages write it.
var key = regexp.MustCompile("`((?:ike|esp|gateway|auth|network|policy)\\.[a-z_.]+)")

// Every key of a profile that a page names is one that exp.md explains.
func TestKeysOfProfiles(t *testing.T) {
	keys, err := os.ReadFile("../exp.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range reason.Codes {
		for _, m := range key.FindAllStringSubmatch(text(t, c), -1) {
			if seen++; !strings.Contains(string(keys), "`"+m[1]+"`") {
				t.Errorf("%s.md names %s, which exp.md does not", c, m[1])
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d were looked at", seen)
	}
}

func text(t *testing.T, c reason.Code) string {
	t.Helper()
	b, err := os.ReadFile(Path(c))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
