//go:build !window

package main

import (
	"context"
	"errors"
)

// hasWindow says whether this build has one.
const hasWindow = false

func runWindow(context.Context, options) error {
	return errors.New("this program was built without its window; muvpn in a terminal does all that it would")
}

func explain(context.Context, error) {}
