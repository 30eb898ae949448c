package desktop

import (
	"context"

	"golang.org/x/sys/windows"
)

// Tell shows a sentence to a user who sees no terminal, and waits until it was
// read. It needs no OpenGL.
func Tell(_ context.Context, title, text string) {
	t, err := windows.UTF16PtrFromString(title)
	if err != nil {
		return
	}
	s, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return
	}
	windows.MessageBox(0, s, t, windows.MB_OK|windows.MB_ICONERROR|windows.MB_SETFOREGROUND)
}
