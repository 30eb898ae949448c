package main

import "testing"

func TestVerdict(t *testing.T) {
	start := rest{resident: 60 << 20, heap: 20, goroutines: 30, descriptors: 12, threads: 8}
	for name, c := range map[string]struct {
		end  rest
		good bool
	}{
		"the same":            {start, true},
		"less":                {rest{40 << 20, 10, 29, 11, 7}, true},
		"more threads":        {rest{60 << 20, 20, 30, 12, 20}, true},
		"slack":               {rest{80 << 20, 23, 30, 12, 8}, true},
		"one goroutine more":  {rest{60 << 20, 20, 31, 12, 8}, false},
		"one descriptor more": {rest{60 << 20, 20, 30, 13, 8}, false},
		"heap":                {rest{60 << 20, 24, 30, 12, 8}, false},
		"memory":              {rest{85 << 20, 20, 30, 12, 8}, false},
	} {
		if err := verdict(start, c.end); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
