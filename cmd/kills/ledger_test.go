package main

import "testing"

func TestLedger_against(t *testing.T) {
	t.Parallel()
	l := newLedger("", 1)
	l.name = "own"
	l.created = map[string]outcome{"own": acknowledged, "lost": acknowledged, "denied": denied, "denied and stored": denied, "unknown and stored": unknown, "unknown": unknown}
	for _, tc := range []struct {
		given       []outcome
		last        string
		lost, kept  int
		description string
	}{
		{[]outcome{acknowledged, acknowledged}, "1", 0, 0, "the last is there"},
		{[]outcome{acknowledged, acknowledged}, "0", 1, 0, "the last is lost"},
		{[]outcome{acknowledged, denied}, "0", 0, 0, "what was denied is not there"},
		{[]outcome{acknowledged, denied}, "1", 0, 1, "what was denied is there"},
		{[]outcome{acknowledged, unknown}, "1", 0, 0, "what is unknown is there"},
		{[]outcome{acknowledged, unknown}, "0", 0, 0, "what is unknown is not there"},
		{nil, "", 0, 0, "none was given"},
	} {
		l.given = tc.given
		c := l.against(map[string]string{"own": tc.last, "denied and stored": "", "unknown and stored": ""})
		if c.lost != 1+tc.lost || c.stored != 1+tc.kept {
			t.Errorf("%s: lost %d, stored though denied %d", tc.description, c.lost, c.stored)
		}
	}
}
