package tray

import (
	"context"
	"time"

	"muvpn/client"
	"muvpn/gui/instance"
)

// Options say how the tray runs.
type Options struct {
	Socket string // where the service listens; empty: wherever it does
	Words  Words
	// Open starts the window or brings it to the front; nil: there is none.
	// QuitWindow has it end.
	Open, QuitWindow func()
}

// panel is where the tray shows itself: that of the desktop, or a test's.
type panel interface {
	show(Sign, string, Items)
	tell(News)
}

// inputs are what happens to a tray.
type inputs struct {
	chosen   chan int              // the number of an item of Items.list
	opened   <-chan struct{}       // the menu
	messages chan instance.Message // from other programs of the session
}

// tray is what is known and shown. It belongs to the goroutine of run.
type tray struct {
	Options
	panel panel

	seen  Seen
	sign  Sign
	tip   string
	items Items
	mine  bool // what the service does was asked for here
}

// settled is when the desktop has surely taken the icon in: what was shown while
// it did so may have been lost, and is shown again.
const settled = time.Second

// run is the life of a tray, until the context ends or it is told to quit.
func run(ctx context.Context, o Options, p panel, in inputs) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &tray{Options: o, panel: p, seen: Seen{Alone: o.Open == nil}}
	statuses, lists := make(chan Seen), make(chan []client.Profile)
	go follow(ctx, o.Socket, func(s Seen) {
		select {
		case statuses <- s:
		case <-ctx.Done():
		}
	})
	t.paint()
	anew := time.After(settled)
	for {
		select {
		case s := <-statuses:
			t.take(s)
		case <-in.opened:
			go t.reload(ctx, lists)
		case list := <-lists:
			if list != nil && t.seen.Absent == nil {
				t.seen.Profiles = list
				t.paint()
			}
		case <-anew:
			t.panel.show(t.sign, t.tip, t.items)
		case n := <-in.chosen:
			i := t.items.list()[n]
			if i.Deed == Quit {
				t.QuitWindow()
				return
			}
			t.do(ctx, i)
		case m := <-in.messages:
			switch m.Verb {
			case instance.Quit:
				return
			case instance.Raise:
				t.open()
			}
		case <-ctx.Done():
			return
		}
	}
}

// take takes what the service says. Whoever has connected here is shown the
// question at once.
func (t *tray) take(s Seen) {
	s.Alone = t.Open == nil
	s.Used = use(t.seen.Used, s.Status.UUID)
	if s.Absent != nil {
		s.Profiles = t.seen.Profiles
	}
	before := t.seen.Status
	t.seen = s
	t.paint()
	if !active(s.Status.State) && active(before.State) {
		t.mine = false
	}
	n := nextOf(before, s, t.Words)
	switch {
	case n == nil:
	case t.mine && t.Open != nil && asked(before, s.Status):
		t.open()
	default:
		t.panel.tell(*n)
	}
}

// paint shows what has changed.
func (t *tray) paint() {
	sign, tip, items := Look(t.seen), Tooltip(t.seen, t.Words), Menu(t.seen, t.Words)
	if sign != t.sign || tip != t.tip || items != t.items {
		t.sign, t.tip, t.items = sign, tip, items
		t.panel.show(sign, tip, items)
	}
}

// do carries out what was chosen.
func (t *tray) do(ctx context.Context, i Item) {
	switch i.Deed {
	case Open:
		t.open()
	case Connect:
		t.mine = true
		go t.ask(ctx, func(ctx context.Context, c *client.Client) error {
			_, err := c.Up(ctx, client.Up{Profile: i.Profile})
			return err
		})
	case Disconnect:
		go t.ask(ctx, func(ctx context.Context, c *client.Client) error {
			_, err := c.Down(ctx)
			return err
		})
	}
}

// open opens the window, without keeping the tray waiting.
func (t *tray) open() {
	if t.Open != nil {
		go t.Open()
	}
}

// ask asks the service for something, and tells what it refuses. It reads nothing
// of t that changes.
func (t *tray) ask(ctx context.Context, what func(context.Context, *client.Client) error) {
	if err := request(ctx, t.Socket, what); err != nil && ctx.Err() == nil {
		t.panel.tell(News{t.Words("The service has refused"), err.Error(), true})
	}
}

func (t *tray) reload(ctx context.Context, to chan<- []client.Profile) {
	select {
	case to <- profiles(ctx, t.Socket):
	case <-ctx.Done():
	}
}
