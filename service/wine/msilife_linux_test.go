package wine

import (
	"fmt"
	"strings"
	"testing"
)

func TestWineMSI(t *testing.T) {
	prepare(t)
	w := fresh(t, base(t, kept(t)), "root")
	w.copyIn("/tmp/mo/muvpn-1.0.0-amd64-NOT-FOR-USE.msi", "1.0.0.msi")
	w.given()
	w.must("", "winecfg", "/v", "win10")
	before := w.traces()
	show := func(log string, err error) {
		for _, l := range strings.Split(log, "\n") {
			if !strings.HasPrefix(l, "Property(S)") {
				fmt.Println(l)
			}
		}
		fmt.Println(err)
	}
	show(w.msiexec("/i", `C:\1.0.0.msi`, `SIGNERS=C:\given\signers`, `PROFILE=C:\given\office.exp`, `PASSPHRASEFILE=C:\given\phrase.txt`, "ATLOGIN=1"))
	for _, a := range [][]string{{"reg", "query", serviceKey}, {muvpn, "status"}, {muvpn, "profiles"}} {
		fmt.Println(w.try("", a...))
	}
	for _, l := range w.traces().since(before) {
		fmt.Println(l)
	}
	show(w.msiexec("/x", `C:\1.0.0.msi`))
	for _, l := range w.traces().since(before) {
		fmt.Println(l)
	}
}
