package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, newTerminal(), os.Args[1:])
	stop()
	os.Exit(code)
}

// run is the whole program: it carries out args and returns the exit code.
func run(ctx context.Context, t *terminal, args []string) int {
	a := &app{terminal: t}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	return a.explain(root.ExecuteContext(ctx))
}
