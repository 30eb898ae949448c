package esp

// separate is a protector with an HMAC over an encrypted payload.
type separate struct {
	cipher laneCipher
	auth   *authenticator
	lanes  [maxLanes][]byte
}

// laneCipher encrypts and decrypts many payloads at once. A lane is an IV and,
// behind it, a payload of whole blocks that is changed in place. CBC encryption
// has to wait within a payload for each block, but not between payloads.
type laneCipher interface {
	encrypt(lanes [][]byte)
	decrypt(lanes [][]byte)
}

// maxLanes is how many payloads a cipher gets at once: as many as the widest
// has use for, and few enough to stay in the cache until their ICVs are made.
const maxLanes = 64

func (s *separate) seal(batch []Packet) {
	for len(batch) > 0 {
		part := batch[:min(len(batch), maxLanes)]
		s.cipher.encrypt(s.lanesOf(part))
		for i := range part {
			if p := &part[i]; p.kept() {
				s.auth.sign(p.Data())
			}
		}
		batch = batch[len(part):]
	}
}

// open checks the ICVs before anything is decrypted, so that nobody learns
// from how a forged packet is refused.
func (s *separate) open(batch []Packet, t *tally) {
	for len(batch) > 0 {
		part := batch[:min(len(batch), maxLanes)]
		for i := range part {
			if p := &part[i]; p.kept() && !s.auth.genuine(p.Data()) {
				t.drop(p, DropICV)
			}
		}
		s.cipher.decrypt(s.lanesOf(part))
		batch = batch[len(part):]
	}
}

// lanesOf lists the IVs and payloads of the packets that are kept.
func (s *separate) lanesOf(part []Packet) [][]byte {
	lanes := s.lanes[:0]
	for i := range part {
		if p := &part[i]; p.kept() {
			b := p.Data()
			lanes = append(lanes, b[headerLen:len(b)-s.auth.icvLen])
		}
	}
	return lanes
}

// null is the NULL cipher (RFC 2410).
type null struct{}

func (null) encrypt([][]byte) {}
func (null) decrypt([][]byte) {}

func buildNull(s *suite, c *Config) (protector, error) {
	return &separate{cipher: null{}, auth: newAuthenticator(s, c)}, nil
}
