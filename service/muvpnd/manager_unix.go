//go:build unix

package main

import "context"

// arguments are those with which the service manager starts us.
var arguments = []string{"run"}

// underManager runs the service: systemd and launchd are content with a process
// that ends when it is told to.
func underManager(ctx context.Context, _ bool, run func(context.Context) error) error {
	return run(ctx)
}
