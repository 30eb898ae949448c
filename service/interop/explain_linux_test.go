package interop

import (
	"os"
	"strings"

	"muvpn/client/explain/logs"
	"muvpn/client/explain/story"
	"muvpn/client/reason"
)

// isExplained says that `muvpn explain` finds the Reason in the client's log and in
// both, and without the lines that decide it claims nothing.
func (s *stage) isExplained(want reason.Code) {
	s.Helper()
	charon, ok := s.gateway.(interface{ LogFile() string })
	if !ok {
		return // a kernel of its own keeps its log
	}
	box, err := os.ReadFile(charon.LogFile())
	s.must(err)
	log := s.client.Log()
	both := s.explained(log, box)
	for what, told := range map[string]*story.Story{"the client's log": s.explained(log, nil), "both logs": both} {
		if told.Reason == nil || told.Reason.Code != want || told.Confidence != story.Stated && told.Confidence != story.Certain || told.Stage == "" {
			s.Errorf("%s: want %s, explained as\n%s", what, want, told.Text())
		}
	}
	if both.Matched == nil {
		s.Errorf("nothing of strongSwan's log was found to belong to it:\n%s\n%s", both.Text(), box)
	}
	var undecided []string
	for line := range strings.Lines(log) {
		if !strings.Contains(line, " FAILED ") && !strings.Contains(line, " LOST ") && !strings.Contains(line, " DOWN ") {
			undecided = append(undecided, line)
		}
	}
	if told := s.explained(strings.Join(undecided, ""), nil); told.Confidence == story.Certain || told.Confidence == story.Stated || len(told.Missing) == 0 {
		s.Errorf("without the deciding line it is explained as\n%s", told.Text())
	}
	s.Logf("explained: %s, %s", both.Confidence, both.Ground)
}

// explained is the story of a client's log, and of strongSwan's if there is one.
func (s *stage) explained(log string, box []byte) *story.Story {
	var gateways []*logs.Log
	if box != nil {
		gateways = append(gateways, logs.Read("charon.log", box))
	}
	return story.Tell(logs.Read("client.log", []byte(log)), gateways, nil)
}
