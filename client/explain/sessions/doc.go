// Package sessions reads out of a Firebox's log, or muvpn-testgw's, who was logged
// in: when, from where, with which virtual IP, how much passed, and why it ended.
// Pure functions over package logs; no state, no OS access. Start reading at Of.
package sessions
