package suite

import (
	"crypto/ecdh"
	"errors"
	"io"
)

// uncompressed is the first octet of a point in the form of SEC 1; IKE sends
// the two coordinates without it (RFC 5903 section 7).
const uncompressed = 4

// ecp is a curve over a prime field. top masks the first octet of a private
// value, which would else nearly always be out of range with P-521.
type ecp struct {
	curve ecdh.Curve
	size  int
	top   byte
}

// generateTries bounds how often a private value out of range is drawn again:
// a good reader needs one, and a broken one must not hang us.
const generateTries = 100

// generate draws private values until one is in range. ecdh.GenerateKey would
// ignore the reader.
func (e ecp) generate(random io.Reader) (private, error) {
	for range generateTries {
		octets := make([]byte, e.size)
		if _, err := io.ReadFull(random, octets); err != nil {
			return nil, err
		}
		octets[0] &= e.top
		if key, err := e.curve.NewPrivateKey(octets); err == nil {
			return ecpKey{key}, nil
		}
	}
	return nil, errors.New("the random source repeats itself")
}

func (e ecp) check(public []byte) error {
	if _, err := e.curve.NewPublicKey(sec1(public)); err != nil {
		return errors.New("not on the curve")
	}
	return nil
}

type ecpKey struct{ key *ecdh.PrivateKey }

func (k ecpKey) public() []byte { return k.key.PublicKey().Bytes()[1:] }

func (k ecpKey) shared(peer []byte) ([]byte, error) {
	public, err := k.key.Curve().NewPublicKey(sec1(peer))
	if err != nil {
		return nil, ErrPublicValue
	}
	return k.key.ECDH(public)
}

func sec1(coordinates []byte) []byte {
	return append([]byte{uncompressed}, coordinates...)
}
