//go:build linux || darwin

package main

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// launchd refuses a job until the old process has ended, and the new one does not
// answer at once.
func TestStartsUntilItAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, starts := time.Now(), 0
		start := func() error {
			if starts++; starts < 3 {
				return errors.New("still ending")
			}
			return nil
		}
		answers := func() error {
			if starts < 3 || time.Since(began) < 5*time.Second {
				return errors.New("nobody there")
			}
			return nil
		}
		if err := startsUntil(t.Context(), start, answers); err != nil || starts != 3 || time.Since(began) > 6*time.Second {
			t.Errorf("%v after %d starts and %v", err, starts, time.Since(began))
		}
	})
}

// A service that never answers is not waited for for ever, and launchd's own words
// are told.
func TestNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		broken, silent := func() error { return errors.New("Load failed: 5") }, func() error { return errors.New("nobody there") }
		err := startsUntil(t.Context(), broken, silent)
		if err == nil || !strings.Contains(err.Error(), "Load failed: 5") || time.Since(began) > time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
