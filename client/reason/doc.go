// Package reason is the closed list of reasons for which a connection fails or
// ends. It is a leaf: every package may import it, it imports nothing of ours,
// and it holds no state. The advice that goes with each code is text for
// people and lives in client/explain. Start reading at Reason.
package reason
