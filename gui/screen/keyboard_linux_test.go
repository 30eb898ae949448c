package screen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/client"
)

// TestKeyboard is the way of somebody without a mouse, on a desktop without a
// tray, as stock GNOME is: choose the file, import, connect, and close the window
// in each way that it offers.
func TestKeyboard(t *testing.T) {
	o := scene(t, Desk{Lacks: []string{Panel}})
	if err := os.Rename(filepath.Join(o.dir, "lisa.exp"), filepath.Join(o.dir, "home/lisa.exp")); err != nil {
		t.Fatal(err)
	}
	o.starts("Choose a file")
	o.chooses()
	o.agrees()
	o.moment("keyboard-idle", client.Disconnected, "Disconnected")
	o.Press("Return") // Connect has the focus
	o.moment("keyboard-connected", client.Connected, "Connected")

	o.asksToClose()
	o.Press("Escape")
	o.See("Round trip") // the question is gone, and nothing else
	o.asksToClose()
	o.closes(client.Connected, "Return")
	o.starts("Connected")
	o.asksToClose()
	o.closes(client.Disconnected, "shift+Tab", "Return")
	o.starts("Disconnected")
	o.closes(client.Disconnected) // and asks nothing
}

// starts starts the window and waits for what it shows.
func (o *office) starts(phrase string) {
	o.t.Helper()
	o.window = o.Start(program("muvpn-gui"))
	o.See(phrase)
}

// chooses goes through the places and the files of the dialog to lisa.exp, and
// from there on to the button.
func (o *office) chooses() {
	o.t.Helper()
	o.Press("Return")
	o.See("lisa.exp")
	o.Press("Tab", "Tab", "Down", "Down", "space") // past the folder above and Downloads
	o.Picture("keyboard-choosing")
	o.Press("shift+Tab", "shift+Tab", "space")
	o.See("The profile is locked.")
}

// agrees opens the file and agrees to both questions, which Enter leads to.
func (o *office) agrees() {
	o.t.Helper()
	o.Type("correct-horse-battery")
	o.Press("Return")
	o.See("Yes, trust this signer")
	o.Press("space", "Return", "space", "Return")
}

// asksToClose closes the window, which says what that means.
func (o *office) asksToClose() {
	o.t.Helper()
	o.Press("alt+F4")
	words := o.See("Disconnect and close")
	o.Picture("keyboard-closing")
	o.stands(words, "Close the window?", "stays connected", "no icon in a tray", "Cancel", "Keep connected")
}

// closes answers by keys, after which the window is gone and the service in a
// state. Without keys it closes the window.
func (o *office) closes(state client.State, keys ...string) {
	o.t.Helper()
	if keys == nil {
		keys = []string{"alt+F4"}
	}
	o.Press(keys...)
	o.Until("the window has ended", o.window.Ended)
	o.Until("the service is "+string(state)+" after "+strings.Join(keys, " "), func() bool { return o.status().State == state })
}
