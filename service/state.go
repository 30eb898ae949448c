package service

import "muvpn/client"

// happening is what moves the session from one state to another.
type happening int

const (
	asked          happening = iota // a connection is wanted
	contacting                      // the gateway is called
	authenticating                  // it has answered; Phase 1
	configuring                     // Phase 2, then the network
	established                     // packets can pass
	lost                            // and to be tried again by itself
	failed                          // for good
	leaving                         // nobody wants the connection any more
	left                            // everything is undone
)

// next is the state that follows s when h happens. A connection that was
// established stays Reconnecting, whatever step the new attempt is in, until it
// is established again or given up. What makes no sense in a state changes
// nothing.
func next(s client.State, h happening) client.State {
	if !active(s) {
		return nextIdle(s, h)
	}
	switch h {
	case failed:
		return client.Failed
	case leaving:
		return client.Disconnecting
	case left:
		return client.Disconnected
	case established:
		return client.Connected
	}
	if s == client.Connected || s == client.Reconnecting {
		if h == lost {
			return client.Reconnecting
		}
		return s
	}
	switch h {
	case lost:
		return client.Resolving
	case contacting:
		return client.Contacting
	case authenticating:
		return client.Authenticating
	case configuring:
		return client.Configuring
	}
	return s
}

// nextIdle is next when no connection is wanted.
func nextIdle(s client.State, h happening) client.State {
	switch {
	case h == asked && s != client.Disconnecting:
		return client.Resolving
	case h == left, h == leaving && s == client.Failed:
		return client.Disconnected
	}
	return s
}

// active says that a connection is wanted in this state.
func active(s client.State) bool {
	switch s {
	case client.Disconnected, client.Failed, client.Disconnecting:
		return false
	}
	return true
}
