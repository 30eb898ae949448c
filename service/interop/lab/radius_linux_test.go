package lab

import (
	"crypto/hmac"
	"crypto/md5"
	"slices"
	"testing"
)

// accessRequest is an Access-Request with these attributes; the password is
// hidden as RFC 2865 section 5.2 says.
func accessRequest(secret, user, password string) []byte {
	authenticator := []byte("0123456789abcdef")
	hidden := make([]byte, (len(password)+15)/16*16)
	copy(hidden, password)
	before := authenticator
	for at := 0; at < len(hidden); at += 16 {
		pad := md5.Sum(append([]byte(secret), before...))
		for i := range 16 {
			hidden[at+i] ^= pad[i]
		}
		before = hidden[at : at+16]
	}
	packet := slices.Concat([]byte{1, 7, 0, 0}, authenticator,
		[]byte{1, byte(2 + len(user))}, []byte(user), []byte{2, byte(2 + len(hidden))}, hidden)
	packet[3] = byte(len(packet))
	return packet
}

func TestRADIUSKnowsItsUsers(t *testing.T) {
	r := &RADIUS{Secret: "shared", users: map[string]string{"lisa": "saxophone271828"}}
	ask := func(user, password string) []byte {
		answer, err := r.answer(accessRequest("shared", user, password))
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for _, c := range []struct {
		user, password string
		want           byte
	}{
		{"lisa", "saxophone271828", radiusAccept}, {"lisa", "saxophone", radiusReject},
		{"bart", "saxophone271828", radiusReject}, {"bart", "", radiusReject},
	} {
		if got := ask(c.user, c.password); got[0] != c.want || got[1] != 7 {
			t.Errorf("%s with %q: code %d of %d", c.user, c.password, got[0], got[1])
		}
	}
	r.Lock("lisa")
	if got := ask("lisa", "saxophone271828"); got[0] != radiusReject {
		t.Errorf("locked: code %d", got[0])
	}
}

func TestRADIUSSignsWhatItSays(t *testing.T) {
	r := &RADIUS{Secret: "shared"}
	request := accessRequest("shared", "lisa", "x")
	got := r.response(radiusAccept, request)
	signed := slices.Concat(got[:4], request[4:20], got[20:22], make([]byte, 16))
	mac := hmac.New(md5.New, []byte("shared"))
	mac.Write(signed)
	if !hmac.Equal(got[22:], mac.Sum(nil)) {
		t.Errorf("Message-Authenticator: %x", got)
	}
	sum := md5.Sum(slices.Concat(got[:4], request[4:20], got[20:], []byte("shared")))
	if [16]byte(got[4:20]) != sum {
		t.Errorf("Response Authenticator: %x", got)
	}
}

func TestRADIUSAnswersNothingElse(t *testing.T) {
	r := &RADIUS{Secret: "shared"}
	good := accessRequest("shared", "lisa", "x")
	for at, bad := range [][]byte{nil, good[:19], append([]byte{4}, good[1:]...), good[:len(good)-1], slices.Replace(slices.Clone(good), 21, 22, 200)} {
		if _, err := r.answer(bad); err == nil {
			t.Errorf("packet %d was answered", at)
		}
	}
}
