package interop

import (
	_ "embed"
	"encoding/base64"
	"strings"
	"text/template"

	"muvpn/service/interop/lab"
)

// twoRoundsAtATerminal has a gateway that asks for password and token, and
// somebody at a terminal who types both. Neither is shown.
func twoRoundsAtATerminal(s *stage) {
	s.lab.Host.CarryLess()
	s.startsBoth(twoRounds)
	s.reachesNothing()
	result, err := s.client.OnTerminal(connectLimit, []string{"up", "--wait", connectLimit.String()},
		lab.Line{Prompt: "ser name", Text: user},
		lab.Line{Prompt: twoRounds.rounds[0].Text, Text: s.papers.password, Hidden: true},
		lab.Line{Prompt: twoRounds.rounds[1].Text, Text: token, Hidden: true})
	s.must(err)
	screen := string(result.Stdout)
	if result.Exit != 0 {
		s.Fatalf("muvpn up: exit %d:\n%s", result.Exit, screen)
	}
	if strings.Contains(screen, s.papers.password) || strings.Contains(screen, token) {
		s.Errorf("the screen shows what was typed:\n%s", screen)
	}
	s.resolves()
	s.reaches(lab.TrustedHost)
	s.disconnects()
	s.reachesNothing()
}

// fireboxFile is a file for Shrew as a Firebox exports it.
//
//go:embed testdata/firebox.vpn.tmpl
var fireboxFile string

// shrewFile imports such a file as it is, and connects.
func shrewFile(s *stage) {
	s.lab.Host.CarryLess()
	s.startsGateway(exported)
	var err error
	s.client, err = s.lab.StartClient(programs)
	s.must(err)
	s.must(s.client.ImportForeign(s.exportedFile()))
	s.login = lab.Account{Name: user, Password: s.papers.password}
	s.usesTheWholeWay(exported)
}

// exportedFile is the file with the lab's address, group and secret.
func (s *stage) exportedFile() []byte {
	s.Helper()
	var text strings.Builder
	s.must(template.Must(template.New("firebox.vpn").Parse(fireboxFile)).Execute(&text, map[string]string{
		"Gateway": lab.GatewayAddr.String(), "Group": group,
		"PSK": base64.StdEncoding.EncodeToString([]byte(s.papers.psk)),
	}))
	return []byte(text.String())
}
