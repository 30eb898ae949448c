//go:build cgo

package tray

import "context"

// Host says that the desktop has a place for the icon: the menu bar has.
func Host(context.Context) bool { return true }

func atDesktop(context.CancelFunc) error { return nil }

func (p *icons) prepare() {}

// icon is a sign as systray takes it here.
func icon(s Sign) ([]byte, error) { return picture(s) }
