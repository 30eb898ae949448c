package issuing

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"path"
	"strconv"
	"strings"
	"time"

	"muvpn/assets"
	"muvpn/profile"
)

//go:embed papers.tmpl
var papersText string

// File is one that an issue makes.
type File struct {
	Secret bool   // it belongs into the folder of secrets
	Name   string // with slashes
	Data   []byte
}

// In the folder of secrets: the file that a Vault is read from, and the folders of
// what the gateway needs and of certificates with their keys, for clients that
// are not muvpn.
const (
	VaultName     = "keys.json"
	GatewayFolder = "gateway"
	PKCS12Folder  = "p12"
)

// Files are all that an issue makes; sealed is what Seal gave. Users without a
// fresh profile keep the files that they have.
func (i *Issue) Files(sealed [][]byte) ([]File, error) {
	vault, err := i.Vault.Text()
	if err != nil {
		return nil, err
	}
	files := []File{{Secret: true, Name: VaultName, Data: vault}}
	gateway, err := i.gatewayFiles()
	if err != nil {
		return nil, err
	}
	for name, text := range gateway {
		files = append(files, File{true, path.Join(GatewayFolder, name), text})
	}
	papers, err := i.papers(sealed)
	return append(files, papers...), err
}

// papers are what is for people.
func (i *Issue) papers(sealed [][]byte) ([]File, error) {
	t, err := newTypist(i.site.Languages)
	if err != nil {
		return nil, err
	}
	var files []File
	for at, u := range i.Users {
		if !u.Fresh {
			continue
		}
		sheet := i.sheet(u)
		files = append(files, File{Name: u.Name + ".exp", Data: sealed[at]},
			File{Name: "instructions/" + u.Name + ".html", Data: t.page("instructions", t.all, sheet)},
			File{Name: "receipts/" + u.Name + ".html", Data: t.page("receipt", t.all[:1], sheet)})
		if certified(u.Profile) {
			file, err := u.Secrets.file()
			if err != nil {
				return nil, err
			}
			files = append(files, File{true, path.Join(PKCS12Folder, u.Name+".p12"), file})
		}
	}
	rows := [][]string{{"user", "name", "e-mail", "passphrase", "serial"}}
	var sheets []sheet
	for _, u := range i.Users {
		sheets = append(sheets, i.sheet(u))
		rows = append(rows, []string{noFormula(u.Name), noFormula(u.FullName), noFormula(u.Email), string(u.Secrets.Passphrase.Reveal()), strconv.FormatUint(u.Profile.Meta.Serial, 10)})
	}
	list, err := csvText(rows)
	files = append(files, File{true, "passphrases.csv", list}, File{true, "passphrases.html", t.page("passphrases", t.all[:1], sheets...)})
	return files, cmp.Or(err, t.err)
}

// sheet is what a paper may say of one user.
type sheet struct {
	User, Name, Equipment, OS, File string
	Label, Issuer, Support          string
	Serial                          uint64
	Expires, Issued, Fingerprint    string
	Passphrase                      string // on the sheet of passphrases alone
}

func (i *Issue) sheet(u Issued) sheet {
	name := u.FullName
	if name == "" {
		name = u.Name
	}
	return sheet{
		User: u.Name, Name: name, Equipment: u.Equipment, OS: u.OS, File: u.Name + ".exp",
		Label: u.Profile.Name, Issuer: i.site.Issuer, Support: i.site.Support, Serial: u.Profile.Meta.Serial,
		Expires: dayText(u.Expires), Issued: i.State.Users[u.Name].Issued.Format(time.DateOnly),
		Fingerprint: profile.Fingerprint(i.signer), Passphrase: string(u.Secrets.Passphrase.Reveal()),
	}
}

// tongue is a language with its texts, by the English ones.
type tongue struct {
	Tag   string
	texts map[string]string
}

// Say is a text with the user's values in the place of {file} and the like.
func (t tongue) Say(text string, s sheet) (string, error) {
	said, there := t.texts[text]
	if !there {
		return "", fmt.Errorf("the sheets do not say %q in %s", text, t.Tag)
	}
	return strings.NewReplacer("{file}", s.File, "{name}", s.Name, "{label}", s.Label, "{support}", s.Support,
		"{issuer}", s.Issuer, "{expires}", s.Expires, "{fingerprint}", s.Fingerprint).Replace(said), nil
}

// typist writes pages.
type typist struct {
	template *template.Template
	all      []tongue
	err      error // the first that a page had
}

func newTypist(tags []string) (*typist, error) {
	if len(tags) == 0 {
		tags = languages
	}
	t := &typist{}
	for _, tag := range tags {
		text, err := assets.Sheets.ReadFile("sheets/" + tag + ".json")
		if err != nil {
			return nil, err
		}
		l := tongue{Tag: tag}
		if err := json.Unmarshal(text, &l.texts); err != nil {
			return nil, fmt.Errorf("%s: %w", tag, err)
		}
		t.all = append(t.all, l)
	}
	var err error
	t.template, err = template.New("").Parse(papersText)
	return t, err
}

// page writes one page, in some languages, of one user or of many.
func (t *typist) page(name string, in []tongue, of ...sheet) []byte {
	var b bytes.Buffer
	err := t.template.ExecuteTemplate(&b, name, map[string]any{"In": in, "First": in[0], "Sheets": of, "Sheet": of0(of)})
	t.err = cmp.Or(t.err, err)
	return b.Bytes()
}

// of0 is the first sheet; an issue without users has none.
func of0(list []sheet) sheet {
	if len(list) == 0 {
		return sheet{}
	}
	return list[0]
}
