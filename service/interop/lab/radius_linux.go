package lab

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"sync"
)

// RADIUS is a server that knows users (RFC 2865), and how often strongSwan's
// XAuth asks them before it asks the server.
type RADIUS struct {
	Secret string
	Rounds []Question
	conn   net.PacketConn

	mu    sync.Mutex
	users map[string]string // what must be answered, all rounds joined
}

// Question is one round of XAuth: password, passcode, nextpin or answer.
type Question struct{ Type, Text string }

// The parts of RADIUS that the server needs.
const (
	radiusRequest, radiusAccept, radiusReject = 1, 2, 3
	radiusHeader                              = 20
	attrUserName, attrUserPassword            = 1, 2
	attrMessageAuthenticator                  = 80
)

// StartRADIUS starts a server beside the gateway that accepts one user, who
// must give these answers.
func (l *Lab) StartRADIUS(user, answers string, rounds ...Question) (*RADIUS, error) {
	conn, err := l.Network.Gateway.ListenPacket("udp", "127.0.0.1:1812")
	if err != nil {
		return nil, err
	}
	l.onClose(func() { conn.Close() })
	r := &RADIUS{Secret: rand.Text(), Rounds: rounds, users: map[string]string{user: answers}, conn: conn}
	go r.serve()
	return r, nil
}

// Lock makes the server refuse a user whatever is answered.
func (r *RADIUS) Lock(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.users, user)
}

// accepts says that these are the user's answers.
func (r *RADIUS) accepts(user string, answers []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	want, known := r.users[user]
	return known && hmac.Equal(answers, []byte(want))
}

// serve answers until the socket is closed.
func (r *RADIUS) serve() {
	buf := make([]byte, 4096)
	for {
		n, from, err := r.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if answer, err := r.answer(buf[:n]); err == nil {
			r.conn.WriteTo(answer, from)
		}
	}
}

// answer is the answer to one Access-Request.
func (r *RADIUS) answer(request []byte) ([]byte, error) {
	attributes, err := radiusAttributes(request)
	if err != nil {
		return nil, err
	}
	code := byte(radiusReject)
	if r.accepts(string(attributes[attrUserName]), r.reveal(request[4:radiusHeader], attributes[attrUserPassword])) {
		code = radiusAccept
	}
	return r.response(code, request), nil
}

// radiusAttributes reads the attributes of an Access-Request.
func radiusAttributes(request []byte) (map[byte][]byte, error) {
	if len(request) < radiusHeader || request[0] != radiusRequest || int(binary.BigEndian.Uint16(request[2:])) != len(request) {
		return nil, errors.New("radius: no Access-Request")
	}
	found := map[byte][]byte{}
	for rest := request[radiusHeader:]; len(rest) > 0; rest = rest[rest[1]:] {
		if len(rest) < 2 || rest[1] < 2 || int(rest[1]) > len(rest) {
			return nil, errors.New("radius: a cut attribute")
		}
		found[rest[0]] = rest[2:rest[1]]
	}
	return found, nil
}

// reveal is the User-Password in clear (section 5.2).
func (r *RADIUS) reveal(authenticator, hidden []byte) []byte {
	var clear []byte
	for before := authenticator; len(hidden) >= md5.Size; hidden = hidden[md5.Size:] {
		pad := md5.Sum(append([]byte(r.Secret), before...))
		for i, b := range hidden[:md5.Size] {
			clear = append(clear, b^pad[i])
		}
		before = hidden[:md5.Size]
	}
	return bytes.TrimRight(clear, "\x00")
}

// response is an answer without attributes but the Message-Authenticator of
// RFC 3579, signed as section 3 wants it.
func (r *RADIUS) response(code byte, request []byte) []byte {
	out := []byte{code, request[1], 0, radiusHeader + 2 + md5.Size}
	out = append(out, request[4:radiusHeader]...)
	out = append(out, attrMessageAuthenticator, 2+md5.Size)
	mac := hmac.New(md5.New, []byte(r.Secret))
	mac.Write(append(out, make([]byte, md5.Size)...))
	out = mac.Sum(out)
	sum := md5.Sum(append(bytes.Clone(out), r.Secret...))
	copy(out[4:], sum[:])
	return out
}
