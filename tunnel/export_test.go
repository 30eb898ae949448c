package tunnel

// StartWith is Start with a session of the test's own.
var StartWith = start

// Pairs is how many SA pairs receive.
func (t *Tunnel) Pairs() int { return len(t.children.way.Load().table.Pairs()) }
