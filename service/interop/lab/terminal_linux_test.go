package lab

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestWhatIsTypedHiddenIsNotShown(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a network namespace needs root")
	}
	ns, err := NewNamespace("terminal")
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	p := Program{Name: "sh", Namespace: ns, Args: []string{"/bin/sh", "-c",
		`printf 'Name: '; read n; printf 'Secret: '; stty -echo; read s; stty echo; echo "<$n> ${#s}"`}}
	result, err := p.RunOnTerminal(10*time.Second, Line{Prompt: "Name: ", Text: "lisa"}, Line{Prompt: "Secret: ", Text: "swordfish", Hidden: true})
	if err != nil || result.Exit != 0 {
		t.Fatal(result.Exit, err, string(result.Stdout))
	}
	screen := string(result.Stdout)
	if !strings.Contains(screen, "<lisa> 9") || !strings.Contains(screen, "Name: lisa") || strings.Contains(screen, "swordfish") {
		t.Errorf("the screen shows %q", screen)
	}
}
