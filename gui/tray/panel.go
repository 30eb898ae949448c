//go:build !darwin || cgo

package tray

import (
	"context"
	"runtime"
	"strings"

	"fyne.io/systray"

	"muvpn/gui/instance"
)

// Run is the tray behind a door, until the context ends, the user quits it, or
// the desktop ends. It must be called by the main goroutine, and once.
func Run(ctx context.Context, o Options, door *instance.Door) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := atDesktop(cancel); err != nil {
		return err
	}
	p := &icons{bell: newBell(ctx, o.Open)}
	defer p.bell.close()
	in := inputs{chosen: make(chan int), opened: systray.TrayOpenedCh, messages: make(chan instance.Message)}
	go door.Serve(func(m instance.Message) {
		select {
		case in.messages <- m:
		case <-ctx.Done():
		}
	})
	p.prepare()
	if o.Open != nil { // else a click opens the menu
		systray.SetOnTapped(func() { go o.Open() })
	}
	systray.Run(func() {
		p.lay(ctx, in.chosen)
		go func() {
			run(ctx, o, p, in)
			systray.Quit()
		}()
	}, cancel)
	return nil
}

// icons is the panel of systray. When Run has laid its menu it belongs to the
// goroutine of run.
type icons struct {
	bell  *bell
	lines []*systray.MenuItem // one for each of Items.list
	items []Item
}

// lay makes all lines of the menu: what is not there is hidden.
func (p *icons) lay(ctx context.Context, chosen chan<- int) {
	p.items = Items{}.list()
	for i := range p.items {
		line := systray.AddMenuItem(" ", "")
		line.Hide()
		p.lines = append(p.lines, line)
		if i == 0 || i == len(p.items)-3 { // below the state, and above Open
			systray.AddSeparator()
		}
		go func() {
			for {
				select {
				case <-line.ClickedCh:
				case <-ctx.Done():
					return
				}
				select {
				case chosen <- i:
				case <-ctx.Done():
					return
				}
			}
		}()
	}
}

// show shows what has changed, but the icon and its words each time: see settled.
func (p *icons) show(sign Sign, tip string, m Items) {
	if picture, err := icon(sign); err == nil {
		systray.SetIcon(picture)
	}
	systray.SetTooltip("muvpn: " + tip)
	for i, now := range m.list() {
		if now != p.items[i] {
			p.items[i] = now
			set(p.lines[i], now)
		}
	}
}

// set makes a line an item.
func set(line *systray.MenuItem, i Item) {
	if i.Label == "" {
		line.Hide()
		return
	}
	line.SetTitle(plain(i.Label))
	if i.Deed == None {
		line.Disable()
	} else {
		line.Enable()
	}
	line.Show()
}

// plain keeps a profile's name from underlining a letter of the menu.
func plain(label string) string {
	switch runtime.GOOS {
	case "windows":
		return strings.ReplaceAll(label, "&", "&&")
	case "darwin":
		return label
	}
	return strings.ReplaceAll(label, "_", "__")
}

func (p *icons) tell(n News) { p.bell.ring(n) }
