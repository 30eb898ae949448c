package mobileconfig

import (
	"bytes"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"

	"howett.net/plist"

	"muvpn/profile"
)

// allocated is how many octets the program has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// bounded runs f and checks that it allocates in proportion to its input.
func bounded(t *testing.T, input int, f func()) {
	t.Helper()
	before := allocated()
	f()
	if got := allocated() - before; got > 16<<20+uint64(input)*400 {
		t.Errorf("%d octets of input made it allocate %d", input, got)
	}
}

// nested is an element of that name inside itself, so many times.
func nested(element string, n int) string {
	return "<plist>" + strings.Repeat("<"+element+">", n) + strings.Repeat("</"+element+">", n) + "</plist>"
}

// list is a binary list with these objects, of which the first is the
// outermost, and offsets and numbers of two octets.
func list(objects ...string) []byte {
	var b, table []byte
	b = append(b, "bplist00"...)
	for _, o := range objects {
		table = binary.BigEndian.AppendUint16(table, uint16(len(b)))
		b = append(b, o...)
	}
	at := len(b)
	b = append(append(b, table...), 0, 0, 0, 0, 0, 0, 2, 2)
	for _, n := range []int{len(objects), 0, at} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

// doubling is a list in which each array names the next one twice: 2^n objects
// in n.
func doubling(n int) []byte {
	var objects []string
	for i := range n {
		objects = append(objects, string([]byte{0xA2, 0, byte(i + 1), 0, byte(i + 1)}))
	}
	return list(append(objects, "\x09")...)
}

// chain is a list in which each array holds the next one.
func chain(n int) []byte {
	var objects []string
	for i := range n {
		objects = append(objects, string([]byte{0xA1, 0, byte(i + 1)}))
	}
	return list(append(objects, "\x09")...)
}

// sequences is a signature's beginning and sequences inside each other.
func sequences(n int) []byte {
	b := []byte{0x05, 0x00}
	for range n {
		b = append([]byte{0x30, 0x82, byte(len(b) >> 8), byte(len(b))}, b...)
	}
	b = append(bytes.Clone(oidSigned), b...)
	return append([]byte{0x30, 0x82, byte(len(b) >> 8), byte(len(b))}, b...)
}

// withTrailer is a good list with one octet of its trailer changed.
func withTrailer(at int, v byte) []byte {
	b := list("\xD1\x00\x01\x00\x02", "\x51a", "\x09")
	b[len(b)-trailerLen+at] = v
	return b
}

// TestBombs: small files that a decoder makes large, deep or endless.
func TestBombs(t *testing.T) {
	for name, raw := range map[string][]byte{
		"deep XML":        []byte(nested("array", 60000)),
		"XML of 40":       []byte(nested("array", 40)),
		"binary of 40":    chain(40),
		"CMS of 40":       sequences(40),
		"deep strings":    []byte(nested("string", 50000)),
		"wide XML":        []byte("<plist><array>" + strings.Repeat("<dict/>", 100000) + "</array></plist>"),
		"entities":        []byte("<?xml version='1.0'?><!DOCTYPE plist [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><plist><string>&b;</string></plist>"),
		"not a list":      []byte("<?xml version='1.0'?><a><plist/></a>"),
		"openstep":        []byte("<?xml <plist " + strings.Repeat("(", 100000)),
		"utf-16":          []byte("<?xml version='1.0' encoding='UTF-16'?><plist><dict/></plist>"),
		"doubling":        doubling(100),
		"deep binary":     doubling(40),
		"often the same":  list("\xAF\x10\x64"+strings.Repeat("\x00\x01", 100), "\x4F\x11\xEA\x60"+strings.Repeat("x", 60000)),
		"itself":          list("\xA1\x00\x00"),
		"huge array":      list("\xAF\x13\x00\x00\x00\x40\x00\x00\x00\x00"),
		"huge dict":       list("\xDF\x13\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		"huge text":       list("\x6F\x13\x80\x00\x00\x00\x00\x00\x00\x01"),
		"huge data":       list("\x4F\x13\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		"uid":             list("\x8F\x00"),
		"cut integer":     list("\x13\x00"),
		"no count":        list("\xAF"),
		"no object":       list("\xA1\x00\x05"),
		"numbers of 0":    withTrailer(7, 0),
		"numbers of 33":   withTrailer(7, 33),
		"offsets of 0":    withTrailer(6, 0),
		"many objects":    withTrailer(8, 0xFF),
		"top beyond":      withTrailer(23, 9),
		"table beyond":    withTrailer(25, 1),
		"binary stub":     []byte("bplist00"),
		"deep CMS":        append([]byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), bytes.Repeat([]byte{0x30, 0x80}, 200000)...),
		"CMS overlap":     append([]byte("\x30\x82\x00\x20\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), bytes.Repeat([]byte{0x30, 0x7f}, 60)...),
		"CMS with tags":   append([]byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), bytes.Repeat([]byte{0x3f, 0xff}, 1000)...),
		"CMS of nothing":  []byte("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
		"CMS with length": []byte("\x30\x84\x7f\xff\xff\xff\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
	} {
		if passesChecks(raw) && name != "CMS of nothing" {
			t.Errorf("%s would reach a library", name)
		}
		bounded(t, len(raw), func() {
			if f, err := profile.Recognise(raw, Format); err == nil {
				t.Errorf("%s is accepted: %+v", name, f.Profile)
			} else if !errors.Is(err, &profile.Refusal{Kind: profile.Damaged}) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// passesChecks says that nothing keeps a file from the libraries.
func passesChecks(raw []byte) bool {
	switch {
	case isCMS(raw):
		return checkBER(raw)
	case bytes.HasPrefix(raw, []byte(binaryMagic)):
		return checkBinary(raw)
	}
	return checkXML(raw)
}

// The checks let pass what the library writes.
func TestChecksLetPass(t *testing.T) {
	raw, err := plist.Marshal(keys{"a": []any{uint64(1) << 40, -1, 1.5, true, "ü", []byte("x"), strings.Repeat("y", 300)}}, plist.BinaryFormat)
	if err != nil || !checkBinary(raw) {
		t.Errorf("%v: %x", err, raw)
	}
	if !checkBinary(list("\xD1\x00\x01\x00\x02", "\x51a", "\x09")) || !checkBinary(doubling(10)) || !checkBinary(chain(20)) || !checkBER(sequences(20)) || !checkXML([]byte(nested("array", 20))) {
		t.Error("a small list is refused")
	}
}

func TestSignatureInPEM(t *testing.T) {
	for _, kind := range []string{"PKCS7", "CMS"} {
		raw := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: sample(t, "signed")})
		if f := recognise(t, raw); f.Signer != "Example Devices (not verified)" {
			t.Errorf("%s: signer %q", kind, f.Signer)
		}
	}
	if isCMS([]byte("-----BEGIN CERTIFICATE-----\nMAE=\n-----END CERTIFICATE-----\n")) {
		t.Error("a certificate is taken for a signature")
	}
}

// Every octet of a signed file counts, but for those that nobody signs: the
// certificates that come along, and how lengths are written.
func TestChangedContentIsRefused(t *testing.T) {
	raw := sample(t, "signed")
	start, end := bytes.Index(raw, []byte("<?xml")), bytes.Index(raw, []byte("</plist>"))
	for at := start; at < end; at += 13 {
		changed := bytes.Clone(raw)
		changed[at] ^= 1
		if _, err := profile.Recognise(changed, Format); !errors.Is(err, &profile.Refusal{Kind: profile.BadSignature}) {
			t.Errorf("octet %d: %v", at, err)
		}
	}
}

// FuzzRead reads hostile files: no panic, bounded memory, and what is accepted
// has no fault, can be kept, and tells no key.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.mobileconfig")
	if err != nil || len(files) < 7 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add(doubling(20))
	f.Add([]byte(nested("dict", 40)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > profile.MaxFile || !Format.Is(raw) {
			return
		}
		var file *profile.File
		var err error
		bounded(t, len(raw), func() { file, err = profile.Recognise(raw, Format) })
		if err != nil {
			return
		}
		if err := file.Profile.Validate(); err != nil {
			t.Errorf("accepted with faults: %v", err)
		}
		writtenAgain(t, file.Profile)
		tellsNoKey(t, raw, file)
	})
}

// writtenAgain checks that TOML keeps the profile.
func writtenAgain(t *testing.T, p profile.Profile) {
	t.Helper()
	text, err := p.MarshalWithSecrets()
	if err != nil {
		t.Fatalf("cannot be written: %v", err)
	}
	again, _, err := profile.ParseTOML(text)
	if err != nil {
		t.Fatalf("cannot be read again: %v\n%s", err, text)
	}
	if twice, err := again.MarshalWithSecrets(); err != nil || !bytes.Equal(text, twice) {
		t.Errorf("%v, changed on the way:\n%s\n%s", err, text, twice)
	}
}

// tellsNoKey looks for the shared key in what people are shown. A key that
// stands in the file in clear more than once may be a name as well.
func tellsNoKey(t *testing.T, raw []byte, file *profile.File) {
	t.Helper()
	key := file.Profile.Auth.PSK.Value.Reveal()
	if len(key) < 8 || bytes.Count(raw, key) > 1 {
		return
	}
	shown := strings.Join(file.Preview(file.Profile, nil).Lines(), "\n")
	if strings.Contains(shown, string(key)) {
		t.Errorf("the key %q is shown:\n%s", key, shown)
	}
}
