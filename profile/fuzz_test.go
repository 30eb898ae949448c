package profile

import (
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// allocated is how many octets the program has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// bounded runs f and checks that it allocates in proportion to its input. The
// slack is for what the runtime and other goroutines allocate meanwhile.
func bounded(t *testing.T, input int, f func()) {
	t.Helper()
	before := allocated()
	f()
	if got := allocated() - before; got > 4<<20+uint64(input)*400 {
		t.Errorf("%d octets of input made it allocate %d", input, got)
	}
}

// FuzzEXP reads hostile files: what parses is written and parses to the same.
func FuzzEXP(f *testing.F) {
	f.Add(seal(f, office(), nil))
	f.Add(seal(f, everythingSealable(), unsigned))
	f.Add([]byte("-----BEGIN MUVPN PROFILE-----\nVersion: 2\n-----END MUVPN PROFILE-----\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s *Sealed
		var err error
		bounded(t, len(raw), func() { s, err = ParseEXP(raw) })
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("not one sentence: %q", err)
			}
			return
		}
		lines := textLines(raw)
		inside, _ := onlyBlock(lines, profileBlock)
		b, _ := splitBlock(inside)
		var signature []byte
		if inside, _ := onlyBlock(lines, signatureBlock); inside != nil {
			sig, _ := splitBlock(inside)
			signature = sig.body
		}
		again, err := ParseEXP(writeBlocks(b.headers, b.body, signature))
		if err != nil || again.Digest() != s.Digest() {
			t.Fatalf("written again it is another file: %v", err)
		}
		if diff := cmp.Diff(s.Header, again.Header); diff != "" {
			t.Errorf("the header changed:\n%s", diff)
		}
	})
}

// FuzzSealOpen seals whatever has no fault: it opens to the same.
func FuzzSealOpen(f *testing.F) {
	f.Add("Office", "lisa", "firebox.example.com", "secret", "issuer", uint64(1))
	f.Add("Büro 1%", "a b", "198.51.100.7", "base64:x", "", uint64(1<<63))
	f.Fuzz(func(t *testing.T, name, id, host, psk, issuer string, serial uint64) {
		p := office()
		p.Name, p.Gateway.Addresses, p.Meta.Issuer, p.Meta.Serial = name, []string{host}, issuer, serial
		p.Auth.LocalID.Value, p.Auth.PSK.Value = id, NewSecret([]byte(psk))
		header, err := newHeader(p, SealOptions{Signer: testSigner, Now: sealedAt, Cost: cheap, Rand: countingReader(0)})
		if err != nil || sealable(p, []byte(passphrase)) != nil {
			return
		}
		inner := p
		inner.Meta = Meta{}
		text, err := inner.MarshalWithSecrets()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := sealText(text, header, testKey, testSigner)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseEXP(raw)
		if err != nil {
			t.Fatalf("what was sealed does not parse: %v\n%s", err, raw)
		}
		got, _, err := s.Open(testKey)
		if diff := cmp.Diff(p, got, same); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

// FuzzTOML reads hostile TOML: what parses is written and parses to the same.
func FuzzTOML(f *testing.F) {
	for _, p := range []Profile{office(), everything()} {
		text, err := p.MarshalWithSecrets()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("x-a = {b = [[[1]]]}\n[network]\ndns = [\"\"]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > MaxFile {
			return
		}
		var p Profile
		var err error
		bounded(t, len(text), func() { p, _, err = ParseTOML(text) })
		if err != nil {
			return
		}
		writtenAgain(t, p)
		_ = p.Validate()
		_ = preview(p)
	})
}

// writtenAgain checks that TOML keeps the profile.
func writtenAgain(t *testing.T, p Profile) {
	t.Helper()
	text, err := p.MarshalWithSecrets()
	if err != nil {
		t.Fatalf("cannot be written: %v", err)
	}
	again, _, err := ParseTOML(text)
	if err != nil {
		t.Fatalf("cannot be read again: %v\n%s", err, text)
	}
	if diff := cmp.Diff(p, again, same); diff != "" {
		t.Errorf("changed on the way (-before +after):\n%s", diff)
	}
}

// FuzzShrew reads hostile .vpn files: what is accepted has no fault and can be
// kept, and every key is taken over or named.
func FuzzShrew(f *testing.F) {
	f.Add(sample(f, "firebox"))
	f.Add(sample(f, "static"))
	f.Add([]byte("n:version:0\ns:auth-mutual-psk:x\ns:policy-list-include:0.0.0.0 / 0.0.0.0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > MaxFile || !isShrew(text) {
			return
		}
		var file *File
		var err error
		bounded(t, len(text), func() { file, err = shrewFormat.file(text) })
		if err != nil {
			return
		}
		if err := file.Profile.Validate(); err != nil {
			t.Errorf("accepted with faults: %v", err)
		}
		writtenAgain(t, file.Profile)
	})
}
