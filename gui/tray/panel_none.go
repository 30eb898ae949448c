//go:build darwin && !cgo

package tray

import (
	"context"
	"errors"

	"muvpn/gui/instance"
)

// Host says that this build has no icon.
func Host(context.Context) bool { return false }

// Run says so, too: on macOS the icon needs cgo.
func Run(context.Context, Options, *instance.Door) error {
	return errors.New("this program was built without its icon; muvpn in a terminal does all that it would")
}
