package serve

import (
	"context"
	"io"
	"time"

	"muvpn/client"
	"muvpn/client/pipe"
)

// Caller is who asks, as the kernel says, and what they may do; Use at least.
type Caller struct {
	pipe.Peer
	Rights pipe.Rights
}

// DiagnoseTime is how long a diagnosis may take.
const DiagnoseTime = 20 * time.Second

// Service is what answers. Its methods are called from many goroutines at
// once. An error that is a *reason.Reason or a *client.Refusal reaches the
// caller as it is; its text must not hold a secret.
type Service interface {
	// Status returns the status now, and a channel that is closed when it is
	// out of date. Counters alone do not make it so.
	Status() (client.Status, <-chan struct{})

	Profiles(context.Context) ([]client.Profile, error)
	// Show returns a profile as TOML, its secrets as [redacted].
	Show(ctx context.Context, name string) (string, error)
	Remove(ctx context.Context, who Caller, name string) error
	// Import must not keep i's octets: they are wiped when it returns.
	Import(ctx context.Context, who Caller, i client.Import) (client.Plan, error)

	// Up and Answer own the octets that come with them, and wipe them.
	Up(ctx context.Context, who Caller, u client.Up) (client.Status, error)
	Down(ctx context.Context, who Caller) (client.Status, error)
	// Unblock lifts the kill switch.
	Unblock(ctx context.Context, who Caller) (client.Status, error)
	Answer(ctx context.Context, who Caller, a client.Answer) error

	// Settings lists the settings of a profile; empty: the only or last one.
	Settings(ctx context.Context, profile string) ([]client.Setting, error)
	Set(ctx context.Context, who Caller, s client.Set) ([]client.Setting, error)

	// Diagnose looks at what a connection needs, within DiagnoseTime.
	Diagnose(ctx context.Context, who Caller, d client.Diagnose) (client.Diagnosis, error)

	// Log writes the log to w, one line a Write.
	Log(ctx context.Context, w io.Writer, o client.LogOptions) error
}
