// Package client is what any program may ask of the service: the nouns
// (Status, Profile, Plan) and the verbs (methods of Client). It speaks HTTP and
// JSON over the socket or pipe of package client/pipe; it holds no state but
// the connection and knows neither profiles nor tunnels.
//
// The wire: GET /version comes first and tells the API's number; everything
// else lies below /v1. Bodies are bounded on both sides. What fails is
// answered with a reason.Reason or a Refusal as JSON. GET /v1/watch is a line
// of JSON for the whole status, at once and then whenever it has changed.
//
// Start reading at Status, then Dial.
//
// Goroutines, and who stops them:
//
//   - the reader in Client.Watch, one per Watch: the loop over Watch ends, or
//     its context does, or the service closes.
package client
