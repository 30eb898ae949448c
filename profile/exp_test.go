package profile

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muvpn/client/reason"
)

// cheap is the least work that a reader accepts.
var cheap = KDF{Time: 1, Memory: 19456, Lanes: 1}

const passphrase = "correct-horse-battery"

var (
	sealedAt   = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	testSigner = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
)

// seal makes an .EXP as cheaply as readers accept.
func seal(t testing.TB, p Profile, change func(*SealOptions)) []byte {
	t.Helper()
	o := SealOptions{Signer: testSigner, Now: sealedAt, Cost: cheap, Rand: countingReader(0)}
	if change != nil {
		change(&o)
	}
	raw, err := Seal(p, []byte(passphrase), o)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func unsigned(o *SealOptions) { o.Signer = nil }

// countingReader gives 0, 1, 2, … so that files are the same in every run.
type countingReader byte

func (c countingReader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(i) + byte(c)
	}
	return len(b), nil
}

// open parses and opens with the passphrase.
func open(raw []byte) (Profile, error) {
	s, err := ParseEXP(raw)
	if err != nil {
		return Profile{}, err
	}
	p, _, err := s.Open(s.DeriveKey([]byte(passphrase)))
	return p, err
}

func TestSealedProfileOpens(t *testing.T) {
	for name, change := range map[string]func(*SealOptions){"signed": nil, "unsigned": unsigned, "usual cost": func(o *SealOptions) { o.Cost = KDF{} }} {
		for _, p := range []Profile{office(), withMeta(everything())} {
			got, err := open(seal(t, p, change))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(p, got, same); diff != "" {
				t.Errorf("%s (-sealed +opened):\n%s", name, diff)
			}
		}
	}
}

func withMeta(p Profile) Profile {
	p.Meta = office().Meta
	return p
}

func TestHeaderIsReadableByOthersAndHoldsNoSecret(t *testing.T) {
	p := office()
	p.Name = "Büro 5%"
	raw := seal(t, p, func(o *SealOptions) { o.Expires = sealedAt.AddDate(1, 0, 0) })
	b, rest := pem.Decode(raw)
	if b == nil || b.Type != "MUVPN PROFILE" {
		t.Fatalf("encoding/pem does not read it:\n%s", raw)
	}
	want := map[string]string{
		"Version": "1", "Profile": p.Meta.UUID, "Serial": "3", "Label": "B%C3%BCro%205%25",
		"Issuer": "Example Ltd", "Support": "helpdesk@example.com",
		"Issued": "2026-03-01T09:00:00Z", "Expires": "2027-03-01T09:00:00Z",
		"Kdf":    "argon2id t=1 m=19456 p=1 AAECAwQFBgcICQoLDA0ODw==",
		"Cipher": "xchacha20-poly1305 AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
		"Signer": base64.StdEncoding.EncodeToString(testSigner.Public().(ed25519.PublicKey)),
	}
	if diff := cmp.Diff(want, b.Headers); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if signature, _ := pem.Decode(rest); signature == nil || signature.Type != "MUVPN SIGNATURE" || len(signature.Bytes) != 64 {
		t.Errorf("the signature is not a block of its own:\n%s", rest)
	}
	for _, secret := range []string{"lisa", "192.168", "firebox", "wJ3p"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%s stands in clear:\n%s", secret, raw)
		}
	}
	s, err := ParseEXP(raw)
	if err != nil || s.Header.Label != p.Name || !bytes.Equal(s.Header.Signer, testSigner.Public().(ed25519.PublicKey)) {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestWhatMailDoesToAFile changes what may change: the profile stays the same.
func TestWhatMailDoesToAFile(t *testing.T) {
	raw := string(seal(t, office(), nil))
	s, err := ParseEXP([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	key, digest := s.DeriveKey([]byte(passphrase)), s.Digest()
	for name, changed := range map[string]string{
		"CRLF":             strings.ReplaceAll(raw, "\n", "\r\n"),
		"CR":               strings.ReplaceAll(raw, "\n", "\r"),
		"doubled lines":    strings.ReplaceAll(raw, "\n", "\n\n"),
		"trailing blanks":  strings.ReplaceAll(raw, "\n", " \t\n"),
		"text around":      "Dear Lisa,\n-- \nhere it is:\n\n" + raw + "\nRegards\n-----BEGIN CERTIFICATE-----\n",
		"text between":     strings.Replace(raw, "-----BEGIN MUVPN SIG", "and the signature:\n-----BEGIN MUVPN SIG", 1),
		"rewrapped":        rewrap(raw, 48),
		"on one line":      rewrap(raw, 100000),
		"header order":     reverseHeaders(raw),
		"no last line end": strings.TrimRight(raw, "\n"),
	} {
		s, err := ParseEXP([]byte(changed))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, _, err := s.Open(key)
		if diff := cmp.Diff(office(), p, same); err != nil || diff != "" || s.Digest() != digest {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// rewrap breaks the body of the first block at another column.
func rewrap(raw string, width int) string {
	head, rest, _ := strings.Cut(raw, "\n\n")
	body, tail, _ := strings.Cut(rest, "-----END")
	joined := strings.ReplaceAll(body, "\n", "")
	var b strings.Builder
	for joined != "" {
		n := min(width, len(joined))
		b.WriteString(joined[:n] + "\n")
		joined = joined[n:]
	}
	return head + "\n\n" + b.String() + "-----END" + tail
}

func reverseHeaders(raw string) string {
	head, rest, _ := strings.Cut(raw, "\n\n")
	lines := strings.Split(head, "\n")
	for i, j := 1, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return strings.Join(lines, "\n") + "\n\n" + rest
}

// TestEveryFlippedBitIsNoticed holds the key against each changed file: it is
// refused, or it is the identical profile (a line end that became another).
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	for name, change := range map[string]func(*SealOptions){"signed": nil, "unsigned": unsigned} {
		raw := seal(t, office(), change)
		s, err := ParseEXP(raw)
		if err != nil {
			t.Fatal(err)
		}
		key := s.DeriveKey([]byte(passphrase))
		same := 0
		for i := range raw {
			for bit := range 8 {
				changed := bytes.Clone(raw)
				changed[i] ^= 1 << bit
				if s, err := ParseEXP(changed); err == nil {
					if p, _, err := s.Open(key); err == nil {
						same++
						sameProfile(t, i, p)
					}
				}
			}
		}
		if same > bytes.Count(raw, []byte("\n")) {
			t.Errorf("%s: %d changes were not noticed", name, same)
		}
	}
}

func sameProfile(t *testing.T, at int, p Profile) {
	t.Helper()
	if diff := cmp.Diff(office(), p, same); diff != "" {
		t.Errorf("octet %d changes the profile:\n%s", at, diff)
	}
}

// TestRefusedFiles changes the text of a good file and names the rule that
// refuses it.
func TestRefusedFiles(t *testing.T) {
	raw := string(seal(t, office(), nil))
	plain := string(seal(t, office(), unsigned))
	insert := func(line string) string { return strings.Replace(raw, "Serial:", line+"\nSerial:", 1) }
	tests := map[string]struct {
		raw  string
		kind Kind
		says string
	}{
		"empty":                   {"", Damaged, "BEGIN MUVPN PROFILE"},
		"too big":                 {strings.Repeat(" ", MaxFile) + raw, TooBig, "1 MiB"},
		"truncated":               {raw[:len(raw)/2], Damaged, "its end is missing"},
		"truncated signature":     {raw[:len(raw)-40], Damaged, "its end is missing"},
		"quoted by mail":          {"> " + strings.ReplaceAll(raw, "\n", "\n> "), Damaged, "quoted"},
		"two profiles":            {raw + plain, Damaged, "two blocks"},
		"version 2":               {strings.Replace(raw, "Version: 1", "Version: 2", 1), OtherVersion, "version"},
		"version 2, new headers":  {strings.Replace(insert("Colour: red"), "Version: 1", "Version: 2", 1), OtherVersion, "version"},
		"version 2, other rules":  {strings.Replace(insert("A: "+strings.Repeat("ü", 99)), "Version: 1", "Version: 2", 1), OtherVersion, "version"},
		"no version":              {strings.Replace(raw, "Version: 1\n", "", 1), Damaged, "Version is missing"},
		"no cipher":               {dropLine(raw, "Cipher"), Damaged, "Cipher is missing"},
		"unknown header":          {insert("Colour: red"), Damaged, `unknown header "Colour"`},
		"header twice":            {insert("Serial: 3"), Damaged, "twice"},
		"two headers, two values": {insert("Version: 2"), Damaged, "twice"},
		"long header":             {insert("Issuer: " + strings.Repeat("x", 70)), Damaged, "76"},
		"control character":       {insert("Is\x07suer: x"), Damaged, "characters"},
		"blank before a value":    {strings.Replace(raw, "Issuer: ", "Issuer:  ", 1), Damaged, "blanks"},
		"umlaut":                  {strings.Replace(raw, "Example Ltd", "Exämple Ltd", 1), Damaged, "characters"},
		"serial with zero":        {strings.Replace(raw, "Serial: 3", "Serial: 03", 1), Damaged, "Serial"},
		"serial zero":             {strings.Replace(raw, "Serial: 3", "Serial: 0", 1), Damaged, "Serial"},
		"uuid":                    {strings.Replace(raw, "Profile: 6f", "Profile: 6F", 1), Damaged, "UUID"},
		"label":                   {strings.Replace(raw, "Label: Office", "Label: %f", 1), Damaged, "Label"},
		"label with line end":     {strings.Replace(raw, "Label: Office", "Label: a%0Ab", 1), Damaged, "Label"},
		"issued":                  {strings.Replace(raw, "Issued: 2026", "Issued: 20026", 1), Damaged, "Issued"},
		"another kdf":             {strings.Replace(raw, "argon2id", "scrypt", 1), Damaged, "Kdf"},
		"kdf too cheap":           {strings.Replace(raw, "m=19456", "m=19455", 1), Damaged, "work"},
		"kdf too dear":            {strings.Replace(raw, "t=1 m=19456", "t=10 m=262144", 1), Damaged, "work"},
		"kdf written otherwise":   {strings.Replace(raw, "t=1", "t=01", 1), Damaged, "Kdf"},
		"kdf lanes":               {strings.Replace(raw, "p=1", "p=5", 1), Damaged, "work"},
		"another cipher":          {strings.Replace(raw, "xchacha20", "chacha20", 1), Damaged, "Cipher"},
		"signer too short":        {strings.Replace(raw, "Signer: ", "Signer: AAAA", 1), Damaged, "Signer"},
		"header behind the body":  {strings.Replace(raw, "-----END MUVPN PROFILE", "Issuer: x\n-----END MUVPN PROFILE", 1), Damaged, "behind"},
		"body is not base64":      {strings.Replace(raw, "\n\n", "\n\n!", 1), Damaged, "base64"},
		"body with spare bits":    {strings.Replace(raw, "-----END MUVPN PROFILE", "=\n-----END MUVPN PROFILE", 1), Damaged, "base64"},
		"signature taken away":    {raw[:strings.Index(raw, "-----BEGIN MUVPN SIG")], BadSignature, "no signature"},
		"signer taken away":       {dropLine(raw, "Signer"), BadSignature, "no signer"},
		"signature of another":    {raw[:strings.Index(raw, "-----BEGIN MUVPN SIG")] + signatureOf(t, 5), BadSignature, "does not fit"},
		"label changed":           {strings.Replace(raw, "Label: Office", "Label: Home", 1), BadSignature, "does not fit"},
		"unsigned, label changed": {strings.Replace(plain, "Label: Office", "Label: Home", 1), WrongKey, "wrong passphrase, or the file was changed"},
	}
	for name, test := range tests {
		_, err := open([]byte(test.raw))
		if !errors.Is(err, &Refusal{Kind: test.kind}) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: want kind %d saying %q, got: %v", name, test.kind, test.says, err)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: not one sentence: %q", name, err)
		}
	}
}

func dropLine(raw, name string) string {
	head, rest, _ := strings.Cut(raw, "\n"+name+": ")
	_, tail, _ := strings.Cut(rest, "\n")
	return head + "\n" + tail
}

// signatureOf is the signature block of another issue.
func signatureOf(t *testing.T, serial uint64) string {
	p := office()
	p.Meta.Serial = serial
	raw := string(seal(t, p, nil))
	return raw[strings.Index(raw, "-----BEGIN MUVPN SIG"):]
}

func TestWrongPassphrase(t *testing.T) {
	s, err := ParseEXP(seal(t, office(), nil))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Open(s.DeriveKey([]byte("correct-horse-batterz")))
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Sentence != "wrong passphrase, or the file was changed; ask your administrator for a new copy" {
		t.Fatalf("got: %v", err)
	}
	if code := refusal.Reason().Code; code != reason.ProfileChanged {
		t.Errorf("the reason is %s", code)
	}
	if _, _, err = s.Open(NewSecret([]byte("short"))); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a key of five octets: %v", err)
	}
}

// TestSignerGuard: the signature is checked before a key is derived, so a file
// that was sealed again with the right passphrase but by another signer does
// not even parse under the old signature.
func TestSignerGuard(t *testing.T) {
	mine := string(seal(t, office(), nil))
	p := office()
	p.Network.Networks = prefixes("10.0.0.0/8")
	theirs := string(seal(t, p, nil))
	cut := "-----BEGIN MUVPN SIG"
	mixed := theirs[:strings.Index(theirs, cut)] + mine[strings.Index(mine, cut):]
	if _, err := ParseEXP([]byte(mixed)); !errors.Is(err, &Refusal{Kind: BadSignature}) {
		t.Errorf("a changed body passes under the old signature: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	h := Header{Expires: sealedAt}
	for offset, ok := range map[time.Duration]bool{-time.Second: true, 0: false, time.Hour: false} {
		if err := h.CheckExpiry(sealedAt.Add(offset)); (err == nil) != ok {
			t.Errorf("at %s: %v", offset, err)
		}
	}
	err := h.CheckExpiry(sealedAt)
	if !errors.Is(err, &Refusal{Kind: Expired}) || !strings.Contains(err.Error(), "1 March 2026") {
		t.Errorf("got: %v", err)
	}
	if err := (Header{}).CheckExpiry(sealedAt); err != nil {
		t.Errorf("a profile without end: %v", err)
	}
}

// TestWhatIsNotSealed keeps faults out of files.
func TestWhatIsNotSealed(t *testing.T) {
	for name, spoil := range map[string]func(*Profile, *SealOptions, *string){
		"no passphrase":  func(_ *Profile, _ *SealOptions, pass *string) { *pass = "" },
		"no uuid":        func(p *Profile, _ *SealOptions, _ *string) { p.Meta.UUID = "" },
		"no serial":      func(p *Profile, _ *SealOptions, _ *string) { p.Meta.Serial = 0 },
		"a fault":        func(p *Profile, _ *SealOptions, _ *string) { p.Name = "" },
		"umlaut issuer":  func(p *Profile, _ *SealOptions, _ *string) { p.Meta.Issuer = "Müller" },
		"long issuer":    func(p *Profile, _ *SealOptions, _ *string) { p.Meta.Issuer = strings.Repeat("x", 70) },
		"cost too small": func(_ *Profile, o *SealOptions, _ *string) { o.Cost = KDF{Time: 1, Memory: 8, Lanes: 1} },
		"no random salt": func(_ *Profile, o *SealOptions, _ *string) { o.Rand = strings.NewReader("x") },
		"more than a MiB": func(p *Profile, _ *SealOptions, _ *string) {
			p.Auth.CA = everything().Auth.CA + strings.Repeat("x", MaxFile)
		},
	} {
		p, o, pass := office(), SealOptions{Cost: cheap, Now: sealedAt}, passphrase
		spoil(&p, &o, &pass)
		if raw, err := Seal(p, []byte(pass), o); err == nil {
			t.Errorf("%s: sealed:\n%s", name, raw)
		}
	}
}

func TestLongLabelIsCutBetweenCharacters(t *testing.T) {
	p := office()
	p.Name = strings.Repeat("ü", 100)
	s, err := ParseEXP(seal(t, p, nil))
	if err != nil || s.Header.Label != strings.Repeat("ü", 11) {
		t.Errorf("label %q, %v", s.Header.Label, err)
	}
	if got, _ := open(seal(t, p, nil)); got.Name != p.Name {
		t.Errorf("the name itself was cut: %q", got.Name)
	}
}

// TestFaultsInside: whoever has the passphrase and no signer can seal
// anything, so what is inside is not trusted either.
func TestFaultsInside(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"meta inside":  {"[meta]\nserial = 9\n", "[meta]"},
		"unknown key":  {"[scripts]\nup = \"rm\"\n", "scripts"},
		"faults":       {"name = \"x\"\n", "gateway.addresses"},
		"not TOML":     {"{", "line 1"},
		"empty":        {"", "name: missing"},
		"not UTF-8":    {"name = \"\xff\"", "line 1"},
		"deep nesting": {"x-a = " + strings.Repeat("[", 2000), "line 1"},
	} {
		s, key := sealedText(t, test.text)
		if _, _, err := s.Open(key); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: want %q, got: %v", name, test.says, err)
		}
	}
}

func TestFingerprint(t *testing.T) {
	if got := Fingerprint(testSigner.Public().(ed25519.PublicKey)); len(got) != 39 || strings.Count(got, "-") != 7 {
		t.Errorf("got %q", got)
	}
	if got := Fingerprint(nil); got != "" {
		t.Errorf("without a key: %q", got)
	}
}
