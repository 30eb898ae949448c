package instance

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"

	"muvpn/client/pipe"
)

// path is the name of a place's pipe: the user is in it, and the session, of
// which a user may have several by remote desktop.
func path(p Place) string {
	var session uint32
	if windows.ProcessIdToSessionId(uint32(os.Getpid()), &session) != nil {
		session = 0
	}
	return fmt.Sprintf("%s-%s-%d", pipe.UserPath(), p, session)
}
