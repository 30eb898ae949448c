package tray

import (
	"bytes"
	"context"

	"github.com/fyne-io/image/ico"
)

// Host says that the desktop has a place for the icon: the taskbar has.
func Host(context.Context) bool { return true }

func atDesktop(context.CancelFunc) error { return nil }

func (p *icons) prepare() {}

// icon is a sign as systray takes it here.
func icon(s Sign) ([]byte, error) {
	drawn, err := Draw(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = ico.Encode(&b, drawn)
	return b.Bytes(), err
}
