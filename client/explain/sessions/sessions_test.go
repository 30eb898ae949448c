package sessions

import (
	"encoding/json"
	"strings"
	"testing"

	"muvpn/client/explain/logs"
)

// fireware is a morning at an office.
const fireware = `2024-03-14 10:00:01 FB80 admd[2400]: Authentication of MUVPN user [lisa@Firebox-DB] from 203.0.113.9 was accepted msg_id="1100-0004"
2024-03-14 10:00:02 FB80 sessiond[2401]: Mobile VPN with IPSec user lisa@Firebox-DB from 203.0.113.9 logged in assigned virtual IP is 10.9.0.3 msg_id="3E00-0002"
2024-03-14 10:00:05 FB80 sessiond[2401]: Mobile VPN with IPSec user bart@Firebox-DB from 203.0.113.9 logged in assigned virtual IP is 10.9.0.4 msg_id="3E00-0002"
2024-03-14 10:05:02 FB80 firewall: Allow 10.9.0.3 192.168.10.21 ftp/tcp 1532 21 ipsec0 1-Trusted Allowed 60 127 (Any-00) src_user="lisa@Firebox-DB" sent_bytes="2000" rcvd_bytes="150000" msg_id="3000-0151"
2024-03-14 10:06:02 FB80 firewall: Allow 10.9.0.3 192.168.10.21 http/tcp 1533 80 ipsec0 1-Trusted Allowed 60 127 (Any-00) src_user="lisa@Firebox-DB" sent_bytes="1000" rcvd_bytes="50000" msg_id="3000-0151"
2024-03-14 10:07:02 FB80 firewall: Deny 10.9.0.4 192.168.11.21 ftp/tcp 1532 21 ipsec0 1-Trusted Denied 60 127 (Any-00) msg_id="3000-0148"
2024-03-14 11:00:02 FB80 iked[2456]: (198.51.100.1<->203.0.113.9)lisa@Firebox-DB does not answer R-U-THERE, user "lisa@Firebox-DB" at 203.0.113.9 is dead msg_id="0203-0021"
2024-03-14 11:00:03 FB80 sessiond[2401]: Mobile VPN with IPSec user lisa@Firebox-DB from 203.0.113.9 logged out msg_id="3E00-0004"
2024-03-14 11:30:00 FB80 sessiond[2401]: Mobile VPN with IPSec user bart@Firebox-DB from 203.0.113.77 logged in assigned virtual IP is 10.9.0.4 msg_id="3E00-0002"
`

// testgw is what muvpn-testgw writes of a user who comes and goes.
const testgw = `00001 11/26/26 10:00:00 iked[90] User "=cmd()" at 203.0.113.77 logged in
00002 11/26/26 10:00:00 iked[90] =cmd() bound to 10.9.0.1
00003 11/26/26 10:10:00 iked[90] Received DELETE of Phase 1 from 203.0.113.77
00004 11/26/26 10:10:00 iked[90] User "=cmd()" logged out
`

func of(log string) []*Session { return Of(logs.Read("x", []byte(log))) }

func TestSessions(t *testing.T) {
	got := Text(append(of(fireware), of(testgw)...))
	want := `2024-03-14 10:00:02  lisa@Firebox-DB  from 203.0.113.9  as 10.9.0.3
2024-03-14 11:00:03  logged out by the gateway, after 1h0m1s; 3.0 kB from the user, 200.0 kB to the user
2024-03-14 10:00:05  bart@Firebox-DB  from 203.0.113.9  as 10.9.0.4
2024-03-14 11:30:00  the user logged in again, after 1h29m55s; 1 packet logged, 1 of them DENIED (without their bytes)
2024-03-14 11:30:00  bart@Firebox-DB  from 203.0.113.77  as 10.9.0.4
                     still logged in at the end of the log; no packet logged
2026-11-26 10:00:00  =cmd()  from 203.0.113.77  as 10.9.0.1
2026-11-26 10:10:00  the client disconnected, after 10m0s; no packet logged
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Where only one is behind an address, what is said of the address is said of him.
func TestPeerDead(t *testing.T) {
	s := of(strings.ReplaceAll(fireware, "bart@Firebox-DB from 203.0.113.9 ", "bart@Firebox-DB from 203.0.113.10 "))
	if s[0].Why != "the client stopped answering" {
		t.Errorf("%+v", s[0])
	}
}

func TestForms(t *testing.T) {
	text, err := CSV(of(testgw))
	if err != nil || !strings.Contains(text, "\n'=cmd(),203.0.113.77,10.9.0.1,2026-11-26 10:00:00,2026-11-26 10:10:00,,,0,0,the client disconnected\n") {
		t.Errorf("%v\n%s", err, text)
	}
	data, err := json.Marshal(of(fireware)[0])
	if err != nil || !strings.Contains(string(data), `"begin":"2024-03-14T10:00:02","end":"2024-03-14T11:00:03","bytes_from_user":3000,"bytes_to_user":200000`) {
		t.Errorf("%v\n%s", err, data)
	}
}
