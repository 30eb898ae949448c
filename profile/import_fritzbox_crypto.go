package profile

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a FRITZ!Box takes when its file says "all", best first. It wants group 2
// to be tried first.
var (
	fritzGroups  = []string{"modp1024", "modp2048"}
	fritzCiphers = []string{"aes256", "aes128", "3des"}
	fritzHashes  = []string{"sha512", "sha1"}
)

func (f fritz) phase1(i *IKE) {
	i.Exchange = "aggressive"
	switch mode := f.word("mode"); {
	case strings.HasSuffix(mode, "mode_idp"), strings.HasSuffix(mode, "mode_main"):
		i.Exchange = "main"
	case mode != "" && !strings.HasSuffix(mode, "mode_aggressive"):
		f.warn("mode is not known here: Aggressive Mode is used.")
	}
	if !f.flag("use_nat_t", true) {
		f.warn("use_nat_t is no: behind another router the connection does not come up until the FRITZ!Box allows it.")
	}
	parts := strings.Split(f.word("phase1ss"), "/")
	if life, ok := strings.CutPrefix(parts[0], "lt"); ok {
		i.Lifetime, parts = f.fritzLife(life), parts[1:]
	}
	if len(parts) != 3 {
		parts = f.everything("phase1ss", parts, "all", "all", "all")
	}
	i.Proposals = crossed(f.fritzCiphers(parts[1:2]), f.fritzHash(parts[2]), f.fritzGroups(parts[0]))
	slices.SortStableFunc(i.Proposals, byGroup)
}

// byGroup keeps the proposals of one group together, those of group 2 first:
// Aggressive Mode can offer one group at a time.
func byGroup(a, b string) int {
	rank := func(s string) int { return slices.Index(fritzGroups, s[strings.LastIndexByte(s, '-')+1:]) }
	return rank(a) - rank(b)
}

// everything replaces what is not understood.
func (f fritz) everything(key string, parts []string, all ...string) []string {
	if strings.Join(parts, "") != "" {
		f.warn("%s is not known here: everything is offered that a FRITZ!Box takes.", key)
	}
	return all
}

// fritzLife reads a lifetime such as 8h.
func (f fritz) fritzLife(s string) Duration {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Minute || d > 30*24*time.Hour {
		f.warn("phase1ss has a lifetime that is not known here: 1h is taken.")
		return Every(time.Hour)
	}
	return Every(d)
}

func (f fritz) fritzGroups(word string) []string {
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "dh"), 10, 8)
	switch {
	case err == nil && dhGroups[n] != "":
		return []string{dhGroups[n]}
	case word == "def":
		return fritzGroups[:1]
	case word != "all" && word != "alt":
		f.warn("phase1ss has a group that is not known here: groups 2 and 14 are offered.")
	}
	return fritzGroups
}

func (f fritz) fritzCiphers(words []string) []string {
	var out []string
	for _, word := range words {
		switch word {
		case "aes":
			out = append(out, "aes256", "aes128")
		case "aes128", "aes192", "aes256", "3des", "des":
			out = append(out, word)
		case "all", "def":
			out = append(out, fritzCiphers...)
		default:
			f.warn("A cipher of the file is not known here: it is not offered.")
		}
	}
	if out = unique(out); len(out) == 0 {
		return fritzCiphers
	}
	return out
}

func (f fritz) fritzHash(word string) []string {
	switch word {
	case "sha", "sha1":
		return []string{"sha1"}
	case "sha512", "sha256", "sha384", "md5":
		return []string{word}
	case "all", "def":
	default:
		f.warn("A hash of the file is not known here: SHA-512 and SHA-1 are offered.")
	}
	return fritzHashes
}

// phase2 reads "esp-CIPHERS-HASH/ah-…/comp-…/pfs".
func (f fritz) phase2(e *ESP) {
	parts := strings.Split(f.word("phase2ss"), "/")
	if life, ok := strings.CutPrefix(parts[0], "lt"); ok {
		e.Lifetime, parts = f.fritzLife(life), parts[1:]
	}
	if len(parts) != 4 || !strings.HasPrefix(parts[0], "esp-") {
		parts = f.everything("phase2ss", parts, "esp-all-all", "ah-none", "comp-no", "no-pfs")
	}
	words := strings.Split(strings.TrimPrefix(parts[0], "esp-"), "-")
	last := len(words) - 1
	e.Proposals = crossed(f.fritzCiphers(words[:last]), f.fritzHash(words[last]))
	e.PFS = "none"
	if parts[3] == "pfs" {
		e.PFS = "gateway"
	}
	if strings.HasPrefix(parts[2], "comp-") && parts[2] != "comp-no" && parts[2] != "comp-none" {
		f.warn("phase2ss allows compression, which is not offered.")
	}
}
