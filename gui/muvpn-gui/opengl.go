//go:build window

package main

import (
	"context"
	"errors"
	"os"
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"

	"muvpn/gui"
	"muvpn/gui/desktop"
	"muvpn/gui/instance"
)

// Why there is no window, in words.
var (
	errNoDisplay = errors.New("there is no display to open a window on; muvpn in a terminal does all that the window would")
	errNoOpenGL  = errors.New("the window needs OpenGL 2.1, which this computer does not offer; muvpn in a terminal does all that the window would")
)

// explain shows a user who sees no terminal why there is no window.
func explain(ctx context.Context, err error) {
	if errors.Is(err, errNoOpenGL) {
		desktop.Tell(ctx, "Mobile User VPN", err.Error())
	}
}

// shown shows the window. Where OpenGL is missing this program begins anew, once,
// and has it drawn without a graphics card.
func shown(a fyne.App, door *instance.Door) (*gui.Window, error) {
	w := try(a)
	if w == nil {
		return nil, errNoDisplay
	}
	if visible(a) {
		return w, nil
	}
	door.Close()
	again() // does not come back, the first time
	return nil, errNoOpenGL
}

// noDisplay says that there is nothing to show a window on.
func noDisplay() bool {
	return runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == ""
}

// try makes the window and shows it; nil: Fyne could not open a display. It panics
// there, with one of them or the other.
func try(a fyne.App) (w *gui.Window) {
	defer func() {
		if recover() != nil {
			w = nil
		}
	}()
	w = gui.Bare(a)
	w.Show()
	return w
}

// visible says that the window has become one of the system's. Fyne itself goes on
// without, and shows nothing for ever.
func visible(a fyne.App) bool {
	var handle uintptr
	for _, w := range a.Driver().AllWindows() {
		native, ok := w.(driver.NativeWindow)
		if !ok {
			return true // nothing to look at
		}
		native.RunNative(func(context any) { handle |= handleOf(context) })
	}
	return handle != 0
}

func handleOf(context any) uintptr {
	switch c := context.(type) {
	case driver.X11WindowContext:
		return c.WindowHandle
	case driver.WaylandWindowContext:
		return c.WaylandSurface
	case driver.WindowsWindowContext:
		return c.HWND
	case driver.MacWindowContext:
		return c.NSWindow
	}
	return 0
}
