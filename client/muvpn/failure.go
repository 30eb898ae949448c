package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/reason"
	"muvpn/profile"
)

// failure is an error of a command that was used rightly.
type failure struct{ error }

// Unwrap gives the error itself.
func (f failure) Unwrap() error { return f.error }

// failed marks err as a failure.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return failure{err}
}

// The exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitWrongUse = 2
)

// explain tells the user about an error and returns the exit code.
func (a *app) explain(err error) int {
	var f failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, new(shown)):
	case !errors.As(err, &f):
		fmt.Fprintf(a.err, "muvpn: %v\nSee muvpn --help.\n", err)
		return exitWrongUse
	case a.json:
		a.explainJSON(f.error)
	default:
		a.explainText(f.error)
	}
	return exitFailed
}

// explainText writes the reason and the advice, or the sentence.
func (a *app) explainText(err error) {
	var r *reason.Reason
	switch {
	case errors.As(err, &r):
		fmt.Fprint(a.err, explain.Text(r))
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.err, "muvpn: interrupted")
	default:
		fmt.Fprintln(a.err, "muvpn: "+err.Error())
	}
}

// explainJSON writes the same for a program, to standard output.
func (a *app) explainJSON(err error) {
	var r *reason.Reason
	var no *client.Refusal
	var file *profile.Refusal
	var wait *unfinished
	switch {
	case errors.As(err, &r):
		a.printJSON(advise(r))
	case errors.As(err, &no):
		a.printJSON(no)
	case errors.As(err, &wait):
		a.printJSON(wait)
	case errors.As(err, &file):
		a.printJSON(advise(file.Reason()))
	default:
		a.printJSON(advise(&reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: err.Error()}))
	}
}

// advised is a reason with what the user can do.
type advised struct {
	*reason.Reason
	Advice string `json:"advice"`
}

func advise(r *reason.Reason) advised { return advised{r, explain.Of(r).User} }

func (a *app) printJSON(v any) {
	out := json.NewEncoder(a.out)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	out.Encode(v)
}
