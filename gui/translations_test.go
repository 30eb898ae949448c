package gui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"muvpn/assets"
	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/opening"
	"muvpn/client/reason"
)

// spoken are the languages that the window speaks. English is among them: where it
// takes the place of another language, each text must be there.
var spoken = []string{"de", "en", "es", "fr", "ja"}

// handedOn are the texts that reach Words otherwise than as they stand in the
// code, by the function that hands them on and how it calls them there.
var handedOn = map[string][]string{
	"failure: a.What":  advice(func(a explain.Advice) string { return a.What }),
	"failure: a.User":  advice(func(a explain.Advice) string { return a.User }),
	"failure: a.Admin": advice(func(a explain.Advice) string { return a.Admin }),
	"said: text":       nil, // its callers' texts
	"resting: text":    endings(),

	"consentText: q.Text": questions(),
	"described: text": {
		"the name in the certificate", "this computer's address", "given by the gateway", "everything", "as the gateway says",
	},
	"known: text": { // what package profile warns of in the same words always; what holds something out of a file stays English
		"Aggressive Mode with a shared key: whoever records the connection can guess the key offline.",
		"All traffic goes through the tunnel.",
		"Main Mode with a shared key hides the identity until the key is needed: it works only if the gateway has one key for everybody or knows this computer's address.",
		"The file is not signed: whoever knows the passphrase can change it.",
		`The file needs broken cryptography: security is set to "legacy".`,
		"The profile allows broken cryptography (DES, MD5 or group 1): what passes through the tunnel can be read by others.",
		"The shared key is weak: it repeats a few characters.",
		"This version does not speak IKEv2 yet: the profile can be stored, but not used.",
	},
	"row: name": {"Name", "Shared key"},

	"complaint: a.What":           advice(func(a explain.Advice) string { return a.What }),
	"findings: explain.Of().User": advice(func(a explain.Advice) string { return a.User }),
	"complaint: a.User":           advice(func(a explain.Advice) string { return a.User }),
	"serviceRows: s.Meaning":      settings(),
	"ownRows: s.Meaning":          settings(),

	"failed: a.What": advice(func(a explain.Advice) string { return a.What }),
	"failed: a.User": advice(func(a explain.Advice) string { return a.User }),
	"Next: text":     endings(),
}

// questions are what is asked before a profile is stored.
func questions() (list []string) {
	for _, plan := range []client.Plan{{}, {Signer: "somebody"}} {
		for _, need := range []client.Consent{client.ConsentNew, client.ConsentUpdate, client.ConsentFirstSigner, client.ConsentChangedSigner, client.ConsentLegacy} {
			list = append(list, opening.Ask(need, plan).Text)
		}
	}
	return list
}

// endings are why a connection is ended that has not failed.
func endings() (list []string) {
	for _, limit := range []client.Limit{client.IdleLimit, client.SessionLimit} {
		text, _ := explain.Ended(&client.Ending{Limit: limit})
		list = append(list, text)
	}
	return list
}

// fynes are Fyne's own texts, on buttons of dialogs and in menus. They are among
// ours so that a chosen language is that of everything.
var fynes = []string{
	"Advanced", "Cancel", "Confirm", "Copy", "Create Folder", "Cut", "Enter filename", "Error", "Favourites", "File", "Folder",
	"New Folder", "No", "OK", "Open", "Paste", "Quit", "Redo", "Save", "Select all", "Show Hidden Files", "Undo", "Yes",
}

// settings are what the settings mean, wherever they are shown.
func settings() (list []string) {
	for _, k := range slices.Concat(client.OwnSettings, client.ServiceSettings) {
		list = append(list, k.Meaning)
	}
	return list
}

// advice is one of the texts of every code, and of what is seen behind a portal.
func advice(of func(explain.Advice) string) []string {
	list := []string{of(explain.Of(&reason.Reason{Code: reason.NoReply, Seen: reason.Portal}))}
	for _, code := range reason.Codes {
		list = append(list, of(explain.For(code)))
	}
	return list
}

// Every text of the window is there in every language, and none that it does not
// show; each has what the English one has.
func TestEveryTextIsTranslated(t *testing.T) {
	english := allTexts(t)
	for _, language := range spoken {
		for _, fault := range faults(english, translations(t, language), language) {
			t.Errorf("%s: %s", language, fault)
		}
	}
}

// The test above finds what may be wrong.
func TestFaultsOfATranslation(t *testing.T) {
	const good = "Ask {{.Name}}."
	for _, c := range []struct{ language, translation, want string }{
		{"de", "Fragen Sie {{.Name}}.", ""},
		{"en", good, ""},
		{"en", "Please ask {{.Name}}.", "English"},
		{"ja", "{{.Name}}に聞いてください。", ""},
		{"de", "Fragen Sie.", "a field"},
		{"de", "Fragen Sie {{.Name}} und {{.Name}}.", "a field"},
		{"de", "Fragen Sie {{.Nmae}}.", "a field"},
		{"de", "Fragen Sie {{.Name}}", "the end"},
		{"ja", "{{.Name}}に聞いてください.", "the end"},
		{"de", "Fragen Sie  {{.Name}}.", "a blank"},
		{"de", "Fragen Sie\n{{.Name}}.", "a blank"},
		{"de", " Fragen Sie {{.Name}}.", "a blank"},
		{"ja", "{{.Name}} に聞いてください。", "a blank"},
		{"de", "", "missing"},
	} {
		translated := map[string]string{good: c.translation}
		if c.translation == "" {
			translated = nil
		}
		found := strings.Join(faults([]string{good}, translated, c.language), "\n")
		if (found != "") != (c.want != "") || !strings.Contains(found, c.want) {
			t.Errorf("%s: %q: found %q", c.language, c.translation, found)
		}
	}
	if found := faults(nil, map[string]string{good: "Fragen Sie {{.Name}}."}, "de"); len(found) != 1 || !strings.Contains(found[0], "left over") {
		t.Errorf("a text that nobody shows: %q", found)
	}
	if found := faults([]string{"Set local_port."}, map[string]string{"Set local_port.": "Setzen Sie lokal_port."}, "de"); len(found) != 1 || !strings.Contains(found[0], "a name") {
		t.Errorf("a name that is translated: %q", found)
	}
}

// faults are what is wrong with a language's translations of the English texts.
func faults(english []string, translated map[string]string, language string) (list []string) {
	for _, text := range english {
		translation, ok := translated[text]
		if !ok {
			list = append(list, fmt.Sprintf("missing: %q", text))
			continue
		}
		for _, fault := range compare(text, translation, language) {
			list = append(list, fmt.Sprintf("%s: %q: %q", fault, text, translation))
		}
	}
	for text := range translated {
		if !slices.Contains(english, text) {
			list = append(list, fmt.Sprintf("left over: %q", text))
		}
	}
	slices.Sort(list)
	return list
}

var (
	placeholder = regexp.MustCompile(`{{[^}]*}}`)
	// name is what is called the same in every language: a setting, a program, a
	// file, an option, an algorithm, a number.
	name = regexp.MustCompile(`[a-z]+_[a-z_]+|\bmuvpnd?\b|--[a-z]+|[a-z/]*/[a-z/]+|[a-z]*\.[a-z]+\b|\b[A-Z][A-Z0-9-]*[A-Z0-9]\b|[0-9][0-9./]*[0-9]|\b[0-9]\b`)
	// loud words are in capitals, and no names.
	loud = regexp.MustCompile(`^(NOT|OK|CAUTION)$`)
	// strays are blanks where none belong.
	strays = regexp.MustCompile(`^\s|\s$|\s\s|\t`)
	// Japanese is written without blanks.
	straysJA = regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}、。] |[ ][\p{Hiragana}\p{Katakana}\p{Han}、。]|}} | {{`)
)

// compare says what a translation has not as the English text has it.
func compare(text, translation, language string) (list []string) {
	if language == "en" && text != translation {
		list = append(list, "English is another one")
	}
	if !same(placeholder, text, translation) {
		list = append(list, "a field differs")
	}
	without := placeholder.ReplaceAllString(translation, "")
	for _, n := range name.FindAllString(placeholder.ReplaceAllString(text, ""), -1) {
		if !loud.MatchString(n) && !strings.Contains(without, n) {
			list = append(list, "a name is not there: "+n)
		}
	}
	if strays.MatchString(translation) || strings.Count(text, "\n") != strings.Count(translation, "\n") || language == "ja" && straysJA.MatchString(translation) {
		list = append(list, "a blank is where none belongs")
	}
	if end(text, "en") != end(translation, language) {
		list = append(list, "the end is another one")
	}
	return list
}

func same(what *regexp.Regexp, a, b string) bool {
	in, out := what.FindAllString(a, -1), what.FindAllString(b, -1)
	slices.Sort(in)
	slices.Sort(out)
	return slices.Equal(in, out)
}

// end is the kind of the mark at the end of a text.
func end(text, language string) string {
	marks := []string{".", "…", ":", "?"}
	if language == "ja" {
		marks = []string{"。", "…", "：", "？"}
	}
	kinds := []string{"full stop", "dots", "colon", "question mark"}
	for i, m := range marks {
		if strings.HasSuffix(text, m) {
			return kinds[i]
		}
	}
	if last := []rune(text)[len([]rune(text))-1]; unicode.IsPunct(last) && !strings.ContainsRune(")）}»“」", last) {
		return "another mark: " + string(last)
	}
	return ""
}

// translations are a language's, as they stand in the file; a text that stands
// there twice is a fault.
func translations(t *testing.T, language string) map[string]string {
	t.Helper()
	b, err := assets.Words.ReadFile("words/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	d := json.NewDecoder(bytes.NewReader(b))
	next := func() any {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", language, err)
		}
		return token
	}
	for next(); d.More(); {
		text, translation := next().(string), next().(string)
		if _, twice := all[text]; twice {
			t.Errorf("%s: twice: %q", language, text)
		}
		all[text] = translation
	}
	return all
}

// allTexts are all that the window shows, sorted, in English.
func allTexts(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, file := range sources(t) {
		list = append(list, textsOf(t, file)...)
	}
	list = slices.Concat(list, settings(), fynes)
	slices.Sort(list)
	return slices.Compact(list)
}

// sources are the files of this package and of those below it.
func sources(t *testing.T) (list []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// textsOf are those that a file hands to Words.
func textsOf(t *testing.T, path string) (list []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		in := path
		if f, ok := d.(*ast.FuncDecl); ok {
			in = f.Name.Name
		}
		ast.Inspect(d, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 || !translates(call.Fun) {
				return true
			}
			if text, ok := literal(call.Args[0]); ok {
				list = append(list, text)
				return true
			}
			more, known := handedOn[in+": "+source(call.Args[0])]
			if !known {
				t.Errorf("%s: %s hands %s to Words: which texts are these? See handedOn", path, in, source(call.Args[0]))
			}
			list = append(list, more...)
			return true
		})
	}
	return list
}

// No text goes into a widget without passing Words.
func TestNoTextIsOnlyEnglish(t *testing.T) {
	for _, path := range sources(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !shows.MatchString(source(call.Fun)) {
				return true
			}
			for _, arg := range call.Args {
				if text, ok := literal(arg); ok && strings.ContainsFunc(text, unicode.IsLetter) {
					t.Errorf("%s: %s shows %q in every language", path, source(call.Fun), text)
				}
			}
			return true
		})
	}
}

// shows are the functions of Fyne and of ours that show a text.
var shows = regexp.MustCompile(`^(widget|dialog|canvas)\.(New|Show)|^fyne\.New(Menu|Notification)|^container\.NewTab|^(wrapped|readable|setText)$`)

// translates says that a function is Words, by its name: w, words, Words, lang.L,
// or said, which hands it on.
func translates(fun ast.Expr) bool {
	return slices.ContainsFunc([]string{"w", "words", "Words", "said", "lang.L"}, func(name string) bool {
		is := source(fun)
		return is == name || strings.HasSuffix(is, "."+name) && name != "w"
	})
}

// literal is a text that stands in the code as it is.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, isLeft := literal(e.X)
		right, isRight := literal(e.Y)
		return left + right, isLeft && isRight
	}
	return "", false
}

// source is an expression of names as it is written, without what is in brackets;
// of others, what it is.
func source(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return source(e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		return source(e.Fun) + "()"
	}
	return fmt.Sprintf("%T", e)
}
