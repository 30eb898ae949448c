//go:build !linux && !windows

package main

import "github.com/spf13/cobra"

// removals: no package of this system's has the service.
const removals = ""

func refusePackaged(string) error { return nil }

func packageCommands() []*cobra.Command { return nil }
