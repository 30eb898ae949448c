package instance

import (
	"fmt"
	"hash/fnv"
	"os"

	"golang.org/x/sys/windows"

	"muvpn/client/pipe"
)

// path is the name of a place's pipe: the user is in it, and the session, of
// which a user may have several by remote desktop. Programs that were told of a
// service of their own are not of the session's.
func path(p Place) string {
	var session uint32
	if windows.ProcessIdToSessionId(uint32(os.Getpid()), &session) != nil {
		session = 0
	}
	service := fnv.New32a()
	service.Write([]byte(os.Getenv("MUVPN_SOCKET")))
	return fmt.Sprintf("%s-%s-%d-%x", pipe.UserPath(), p, session, service.Sum32())
}
