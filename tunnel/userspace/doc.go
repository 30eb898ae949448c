// Package userspace is the tunnel's far end inside this process, for users
// without administrator rights: gVisor's network stack takes the place of the
// TUN (Stack, a tunnel.Link), and a SOCKS5 and HTTP proxy on one loopback port
// (Proxy) takes the place of the computer's routes and DNS. Nothing of the
// computer is changed.
//
// It is not a general proxy: it listens on loopback only, asks for a user and a
// password made anew for each run, and connects only to addresses inside the
// tunnel's networks, checked after the name was resolved by the tunnel's DNS.
//
// Stack owns the network stack and the connections into it; Proxy owns its
// listener and its clients. Start reading at Stack, then Proxy.
//
// Goroutines, and who stops them:
//
//   - Proxy.accept, one per Proxy: Proxy.Close closes its listener.
//   - Proxy.serve, one per client: ends with the client; Proxy.Close closes it.
//   - http.Server.Serve, one per Proxy: Proxy.Close closes it.
//   - the way back in Proxy.join, one per connection: ends with either side.
//   - those of gVisor and go-socks5: Stack.Close, and the end of the client.
package userspace
