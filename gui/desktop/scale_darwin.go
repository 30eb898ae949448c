package desktop

import "context"

// TextScale is 1: macOS has one size of texts for all programs, with the scale of
// its display in it.
func TextScale(context.Context) float32 { return 1 }

// WatchTextScale does nothing.
func WatchTextScale(context.Context, func(float32)) {}
