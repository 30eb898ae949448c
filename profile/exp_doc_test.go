package profile

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

func readDoc(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/exp.md")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// example is the fenced block of that name, with its last line end.
func example(t *testing.T, doc, name string) string {
	t.Helper()
	m := regexp.MustCompile("(?s)\n```[a-z]+ " + name + "\n(.*?\n)```\n").FindStringSubmatch(doc)
	if m == nil {
		t.Fatalf("docs/exp.md has no example %s", name)
	}
	return m[1]
}

func exampleHex(t *testing.T, doc, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimSpace(example(t, doc, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

// TestExampleOfTheDocumentation makes the file of docs/exp.md from nothing but
// what stands there, once by Seal and once by the steps of the text.
func TestExampleOfTheDocumentation(t *testing.T) {
	doc := readDoc(t)
	pass := []byte(strings.TrimSuffix(example(t, doc, "passphrase"), "\n"))
	salt, nonce := exampleHex(t, doc, "salt"), exampleHex(t, doc, "nonce")
	signer := ed25519.NewKeyFromSeed(exampleHex(t, doc, "seed"))
	text, aad, file := example(t, doc, "profile"), example(t, doc, "aad"), example(t, doc, "file")

	key := argon2.IDKey(pass, salt, 3, 65536, 1, 32)
	if !bytes.Equal(key, exampleHex(t, doc, "key")) {
		t.Errorf("the key is %x", key)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		t.Fatal(err)
	}
	body := aead.Seal(nil, nonce, []byte(text), []byte(aad))
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], exampleHex(t, doc, "body-sha256")) {
		t.Errorf("SHA-256 of the body is %x", sum)
	}
	signed := []byte("muvpn-exp-sig-v1\n" + aad + string(body))
	if sum := sha256.Sum256(signed); !bytes.Equal(sum[:], exampleHex(t, doc, "signed-sha256")) {
		t.Errorf("SHA-256 of what is signed is %x", sum)
	}
	s, err := ParseEXP([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.ciphertext, body) || string(s.aad) != aad {
		t.Errorf("the file holds another body, or other headers:\n%s", s.aad)
	}
	p, _, err := s.Open(NewSecret(key))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := Seal(p, pass, SealOptions{Signer: signer, Now: sealedAt, Rand: bytes.NewReader(slices.Concat(salt, nonce))})
	if diff := cmp.Diff(file, string(sealed)); err != nil || diff != "" {
		t.Errorf("%v, sealed again (-documented +sealed):\n%s", err, diff)
	}
}

var fieldRow = regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\| [^|]+ \\| ([^|]+) \\| [^|]+ \\|$")

// TestEveryFieldIsDocumented compares the tables of docs/exp.md with the
// Profile: every key stands there, with the default that Effective fills in.
func TestEveryFieldIsDocumented(t *testing.T) {
	documented := map[string]string{}
	for _, m := range fieldRow.FindAllStringSubmatch(readDoc(t), -1) {
		documented[m[1]] = m[2]
	}
	fields := map[string]string{}
	collectFields(fields, "", reflect.ValueOf(Defaults()))
	for key, def := range fields {
		said, ok := documented[key]
		if !ok {
			t.Errorf("%s is not documented", key)
		} else if absent := strings.HasPrefix(said, "required") || said == "–" || said == "the system's"; absent != (def == "") || !absent && said != def {
			t.Errorf("%s: the default is documented as %q and is %q", key, said, def)
		}
		delete(documented, key)
	}
	if len(documented) > 0 {
		t.Errorf("documented, but no field: %v", documented)
	}
}

// collectFields lists the TOML keys of a value with what stands in them.
func collectFields(fields map[string]string, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("toml"), ",")
		f := v.Field(i)
		key := strings.TrimPrefix(prefix+"."+name, ".")
		if f.Kind() == reflect.Struct && !f.Type().Implements(reflect.TypeFor[fmt.Stringer]()) {
			if f.Type() != reflect.TypeFor[ID]() {
				collectFields(fields, key, f)
				continue
			}
			f = f.FieldByName("Type")
		}
		fields[key] = fieldText(f)
	}
}

func fieldText(f reflect.Value) string {
	switch v := f.Interface().(type) {
	case Secret:
		return ""
	case *bool:
		return fmt.Sprint(*v)
	case []string:
		return strings.Join(v, ", ")
	}
	if f.Kind() == reflect.Slice || f.Kind() == reflect.Struct && f.IsZero() {
		return ""
	}
	return fmt.Sprint(f.Interface())
}
