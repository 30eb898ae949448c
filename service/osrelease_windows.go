package service

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// osRelease names the version of Windows; 10.0 from build 22000 on is
// Windows 11.
func osRelease() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("Windows %d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}
