package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// config writes the configuration of the demo, with ports of the system's
// choice.
func config(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../assets/samples/gateway.toml")
	if err != nil {
		t.Fatal(err)
	}
	free := strings.NewReplacer("10500", "0", "14500", "0").Replace(string(text))
	file := filepath.Join(t.TempDir(), "gateway.toml")
	if err := os.WriteFile(file, []byte(free), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The program runs until it is interrupted, and its log is nobody else's.
func TestRun(t *testing.T) {
	log := filepath.Join(t.TempDir(), "gateway.log")
	ctx, interrupt := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- run(ctx, config(t), log) }()
	for text := ""; !strings.Contains(text, "Listening on 127.0.0.1:"); time.Sleep(time.Millisecond) {
		b, _ := os.ReadFile(log)
		text = string(b)
	}
	interrupt()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(log); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

// What is wrong is told with the name of the file.
func TestRunFails(t *testing.T) {
	file := config(t)
	if err := run(t.Context(), file+".missing", ""); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := run(t.Context(), file, t.TempDir()); err == nil {
		t.Error("a folder as the log")
	}
	if err := os.WriteFile(file, []byte("listen = \"five\""), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), file, ""); err == nil || !strings.HasPrefix(err.Error(), file+": line 1: listen") {
		t.Error(err)
	}
}

// Wrong use and failed work have exit codes of their own.
func TestExitCodes(t *testing.T) {
	for want, args := range map[int][]string{1: {"--config", "missing.toml"}, 2: {}} {
		c := runCommand()
		c.SilenceErrors, c.SilenceUsage = true, true
		c.SetArgs(args)
		if err := c.ExecuteContext(t.Context()); err == nil || exitCode(err) != want {
			t.Errorf("%v: %v", args, err)
		}
	}
}
