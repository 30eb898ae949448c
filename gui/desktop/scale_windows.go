package desktop

import (
	"context"

	"golang.org/x/sys/windows/registry"
)

// TextScale is how large the user wants texts: 1 is usual. Windows has it in per
// cent.
func TextScale(context.Context) float32 {
	k, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Accessibility`, registry.QUERY_VALUE)
	if err != nil {
		return 1
	}
	defer k.Close()
	percent, _, err := k.GetIntegerValue("TextScaleFactor")
	if err != nil {
		return 1
	}
	return bounded(float64(percent) / 100)
}

// WatchTextScale does nothing: a new size comes in when the window is opened
// next.
func WatchTextScale(context.Context, func(float32)) {}
