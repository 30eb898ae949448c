package service

import (
	"testing"
	"time"

	"muvpn/client/reason"
)

func TestJudge(t *testing.T) {
	first, backup := attempt{}, attempt{more: true}
	was, wasTried := attempt{was: true}, attempt{was: true, tries: patience}
	for _, c := range []struct {
		code reason.Code
		a    attempt
		want verdict
	}{
		{reason.NoReply, first, giveUp},
		{reason.NoReply, backup, tryNext},
		{reason.DNSFailed, backup, tryNext},
		{reason.PSKWrong, backup, giveUp},
		{reason.PeerDead, first, giveUp},

		{reason.ESPBlocked, first, tryForced},
		{reason.ESPBlocked, was, tryForced},
		{reason.ESPBlocked, attempt{forced: true}, giveUp},

		{reason.NoReply, attempt{waits: true}, tryLater},
		{reason.NoRoute, attempt{waits: true, tries: 1000}, tryLater},
		{reason.NoReply, attempt{waits: true, more: true}, tryNext},
		{reason.GWClosed, attempt{waits: true}, giveUp},
		{reason.PSKWrong, attempt{waits: true}, giveUp},
		{reason.LANOverlap, attempt{waits: true}, giveUp},

		{reason.NoReply, attempt{woken: true}, tryOnDemand},
		{reason.NoRoute, attempt{woken: true, waits: true, was: true}, tryOnDemand},
		{reason.LANOverlap, attempt{woken: true}, tryOnDemand},
		{reason.NoReply, attempt{woken: true, more: true}, tryNext},
		{reason.ESPBlocked, attempt{woken: true}, tryForced},
		{reason.PSKWrong, attempt{woken: true}, giveUp},
		{reason.UserAuth, attempt{woken: true, was: true}, giveUp},
		{reason.GWClosed, attempt{woken: true, was: true}, tryLater},

		{reason.PeerDead, was, tryLater},
		{reason.NoReply, wasTried, tryLater},
		{reason.NoRoute, attempt{was: true, tries: 1000}, tryLater},
		{reason.NoReply, attempt{was: true, more: true}, tryNext},
		{reason.GWClosed, was, tryLater},
		{reason.GWClosed, wasTried, giveUp},
		{reason.P1Proposal, was, tryLater},
		{reason.PSKWrong, wasTried, giveUp},

		{reason.UserAuth, was, giveUp},
		{reason.CertUntrusted, was, giveUp},
		{reason.IPConflict, first, giveUp},
		{reason.IPConflict, was, tryLater},
		{reason.LANOverlap, wasTried, tryLater},
		{reason.Internal, was, tryLater},
		{reason.Internal, wasTried, giveUp},
		{reason.Internal, attempt{waits: true}, giveUp},
	} {
		if got := judge(c.code, c.a); got != c.want {
			t.Errorf("%s, %+v: %v, want %v", c.code, c.a, got, c.want)
		}
	}
}

// Nothing is tried without end but what time, or another network, can mend.
func TestJudgeEnds(t *testing.T) {
	for _, c := range reason.Codes {
		v := judge(c, attempt{was: true, forced: true, tries: patience})
		if v != giveUp && !passing(c) && !clashing(c) {
			t.Errorf("%s is tried without end", c)
		}
		if judge(c, attempt{forced: true}) != giveUp {
			t.Errorf("%s: a first connection is tried again", c)
		}
		if v := judge(c, attempt{woken: true, was: true, forced: true, tries: patience}); v != giveUp && v != tryOnDemand {
			t.Errorf("%s: what a packet has begun is tried again without one", c)
		}
	}
}

func TestPause(t *testing.T) {
	for tries, want := range map[int]time.Duration{
		0: 0, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second, 5: 16 * time.Second,
		6: longestPause, 7: longestPause, 1 << 40: longestPause,
	} {
		if got := pause(tries, 0); got != want {
			t.Errorf("after %d rounds: %v, want %v", tries, got, want)
		}
		if got := pause(tries, 1); got != want+want/4 {
			t.Errorf("after %d rounds, by chance: %v, want %v", tries, got, want+want/4)
		}
	}
}
