package tray

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/clienttest"
	"muvpn/gui/instance"
)

// board is a panel for tests.
type board struct {
	shown chan Items
	told  chan News
}

func (b *board) show(_ Sign, _ string, m Items) { b.shown <- m }
func (b *board) tell(n News)                    { b.told <- n }

// life is a tray that runs beside a service for tests.
type life struct {
	*board
	service *clienttest.Service
	in      inputs
	windows chan bool // true: opened, false: told to quit
	over    chan bool
}

// live begins a tray's life, which the test ends.
func live(t *testing.T, profiles ...client.Profile) *life {
	t.Helper()
	l := &life{board: &board{make(chan Items, 100), make(chan News, 100)}, service: clienttest.Start(t),
		windows: make(chan bool, 10), over: make(chan bool)}
	l.service.Stored = profiles
	opened := make(chan struct{})
	l.in = inputs{chosen: make(chan int), opened: opened, messages: make(chan instance.Message)}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(l.over)
		run(ctx, Options{Socket: l.service.Path, Words: english,
			Open: func() { l.windows <- true }, QuitWindow: func() { l.windows <- false }}, l.board, l.in)
	}()
	t.Cleanup(func() {
		cancel()
		<-l.over
	})
	return l
}

// until waits for a menu that reads so.
func (l *life) until(t *testing.T, state string) Items {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case m := <-l.shown:
			if m.State.Label == state {
				return m
			}
		case <-late:
			t.Fatalf("never showed %q", state)
		}
	}
}

// choose chooses the item with a label.
func (l *life) choose(t *testing.T, m Items, label string) {
	t.Helper()
	for n, i := range m.list() {
		if i.Label == label && i.Deed != None {
			l.in.chosen <- n
			return
		}
	}
	t.Fatalf("there is no %q in %s", label, lines(m))
}

func TestConnectFromTheTray(t *testing.T) {
	l := live(t, lisa, office)
	at := func(st client.State) client.Status { return client.Status{State: st, Profile: "Lisa", UUID: "1"} }
	asks := at(client.Authenticating)
	asks.Prompt = &client.Prompt{ID: 1, Kind: "passcode", Text: "Code:"}
	l.service.On("up", at(client.Resolving), asks)
	m := l.until(t, "Disconnected")
	l.choose(t, m, "Connect Lisa")
	l.until(t, "Waiting for your answer: Lisa")
	if opened := <-l.windows; !opened {
		t.Error("whoever has connected here is not shown the question")
	}
	l.service.Say(at(client.Connected))
	m = l.until(t, "Connected: Lisa")
	if n := <-l.told; n.Title != "Connected: Lisa" {
		t.Errorf("told %+v", n)
	}
	l.service.On("down", at(client.Disconnecting), client.Status{State: client.Disconnected})
	l.choose(t, m, "Disconnect Lisa")
	m = l.until(t, "Disconnected")
	if m.Main.Label != "Connect Lisa" {
		t.Errorf("the one used last is not first: %s", lines(m))
	}
	if asked := l.service.Asked(); len(asked) != 2 || asked[0].(client.Up).Profile != "1" || asked[1] != "down" {
		t.Errorf("asked %v", asked)
	}
	if len(l.told) > 0 {
		t.Errorf("told %+v of the user's own doing", <-l.told)
	}
}

// A question of a connection that others have begun is told, not shown.
func TestQuestionOfOthers(t *testing.T) {
	l := live(t, lisa)
	l.until(t, "Disconnected")
	l.service.Say(client.Status{State: client.Authenticating, Profile: "Lisa", UUID: "1", Prompt: &client.Prompt{ID: 3, Text: "Code:"}})
	if n := <-l.told; n.Title != "Lisa waits for your answer" || n.Text != "Code:" {
		t.Errorf("told %+v", n)
	}
	if len(l.windows) > 0 {
		t.Error("a window came up by itself")
	}
}

func TestRefusedFromTheTray(t *testing.T) {
	l := live(t, lisa)
	l.service.Fail("up", &client.Refusal{Kind: client.NotAllowed, Text: "only an administrator may"})
	l.choose(t, l.until(t, "Disconnected"), "Connect Lisa")
	if n := <-l.told; !strings.Contains(n.Text, "only an administrator may") {
		t.Errorf("told %+v", n)
	}
}

// What was imported meanwhile is there when the menu is opened again.
func TestMenuOpened(t *testing.T) {
	l := live(t, lisa)
	l.until(t, "Disconnected")
	lists := make(chan []client.Profile, 1)
	tr := &tray{Options: Options{Socket: l.service.Path}}
	tr.reload(t.Context(), lists)
	if got := <-lists; len(got) != 1 || got[0].Name != "Lisa" {
		t.Errorf("the list is %v", got)
	}
}

func TestMessagesToTheTray(t *testing.T) {
	l := live(t, lisa)
	l.until(t, "Disconnected")
	l.in.messages <- instance.Message{Verb: instance.Meet}
	l.in.messages <- instance.Message{Verb: instance.Raise}
	if !<-l.windows {
		t.Error("the window was told to quit")
	}
	l.in.messages <- instance.Message{Verb: instance.Quit}
	<-l.over
	if len(l.windows) > 0 {
		t.Error("the window was told something")
	}
}

func TestQuitFromTheTray(t *testing.T) {
	l := live(t, lisa)
	l.choose(t, l.until(t, "Disconnected"), "Quit")
	<-l.over
	if <-l.windows {
		t.Error("the window was opened")
	}
}

// A service that has gone is noticed, once.
func TestServiceGone(t *testing.T) {
	seen := make(chan Seen, 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go follow(ctx, t.TempDir()+"/nobody.sock", func(s Seen) { seen <- s })
	if s := <-seen; s.Absent == nil {
		t.Errorf("saw %+v", s)
	}
	told := nextOf(client.Status{State: client.Connected, Profile: "Lisa"}, Seen{Absent: errors.New("x")}, english)
	if told == nil || told.Text != "Lisa is no longer connected." {
		t.Errorf("told %+v", told)
	}
}
