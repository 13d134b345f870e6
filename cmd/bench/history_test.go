package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

func TestConsistent(t *testing.T) {
	t.Parallel()
	const s = time.Second
	read := func(value string, begun, done time.Duration) happened {
		return happened{asking: asking{act: readAct}, answering: answering{value: value}, begun: begun, done: done}
	}
	missing := func(begun, done time.Duration) happened {
		return happened{asking: asking{act: readAct}, answering: answering{missing: true}, begun: begun, done: done}
	}
	write := func(value string, begun, done time.Duration) happened {
		return happened{asking: asking{act: writeAct, writes: value}, begun: begun, done: done}
	}
	remove := func(begun, done time.Duration) happened {
		return happened{asking: asking{act: deleteAct}, begun: begun, done: done}
	}
	lost := func(h happened) happened {
		h.unknown = true
		return h
	}
	for name, test := range map[string]struct {
		history []happened
		stale   time.Duration
		want    porcupine.CheckResult
	}{
		"the first value":                        {[]happened{read("first", 0, s)}, 0, porcupine.Ok},
		"what was written":                       {[]happened{write("a", 0, s), read("a", 2*s, 3*s)}, 0, porcupine.Ok},
		"what was written before":                {[]happened{write("a", 0, s), read("first", 2*s, 3*s)}, 0, porcupine.Illegal},
		"either, while it is written":            {[]happened{write("a", 0, 4*s), read("first", s, 2*s), read("a", 2*s, 3*s)}, 0, porcupine.Ok},
		"the old one after the new one":          {[]happened{write("a", 0, 4*s), read("a", s, 2*s), read("first", 2*s+1, 3*s)}, 0, porcupine.Illegal},
		"stale within the bound":                 {[]happened{write("a", 0, s), read("first", 2*s, 3*s)}, s, porcupine.Ok},
		"stale beyond the bound":                 {[]happened{write("a", 0, s), read("first", 2*s+1, 3*s)}, s - 1, porcupine.Illegal},
		"what nobody wrote":                      {[]happened{read("b", 0, s)}, s, porcupine.Illegal},
		"a deleted one":                          {[]happened{remove(0, s), missing(2*s, 3*s)}, 0, porcupine.Ok},
		"a deleted one that was read":            {[]happened{remove(0, s), read("first", 2*s, 3*s)}, 0, porcupine.Illegal},
		"a deleted one that came back":           {[]happened{remove(0, s), write("a", 2*s, 3*s)}, 0, porcupine.Illegal},
		"missing without having been deleted":    {[]happened{missing(0, s)}, s, porcupine.Illegal},
		"a change without an answer, made":       {[]happened{lost(write("a", 0, s)), read("first", 2*s, 3*s), read("a", 4*s, 5*s)}, 0, porcupine.Ok},
		"a change without an answer, never made": {[]happened{lost(write("a", 0, s)), read("first", 2*s, 3*s)}, 0, porcupine.Ok},
		"objects apart":                          {[]happened{write("a", 0, s), {asking: asking{key: 1, act: readAct}, answering: answering{value: "first"}, begun: 2 * s, done: 3 * s}}, 0, porcupine.Ok},
	} {
		got := consistent(test.history, func(int) string { return "first" }, test.stale, 10*time.Second)
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// What decisive leaves out changes no verdict: histories at random, most of them almost right, have the same one with and
// without it.
func TestDecisive(t *testing.T) {
	t.Parallel()
	verdicts := map[porcupine.CheckResult]int{}
	for seed := range uint64(20_000) {
		chance := rand.New(rand.NewPCG(14, seed))
		history := randomHistory(chance)
		all := porcupine.CheckOperationsTimeout(oneObject("first"), operationsOf(history), time.Minute)
		some := porcupine.CheckOperationsTimeout(oneObject("first"), operationsOf(decisive(history)), time.Minute)
		if all != some {
			t.Fatalf("seed %d: %s with all, %s with what decides: %+v", seed, all, some, history)
		}
		verdicts[all]++
	}
	if verdicts[porcupine.Ok] < 2_000 || verdicts[porcupine.Illegal] < 2_000 {
		t.Errorf("the histories are one-sided: %v", verdicts)
	}
}

// randomHistory takes place at moments, as which all began before and were done after; some then saw the value before.
func randomHistory(chance *rand.Rand) []happened {
	var history []happened
	values, deleted := []string{"first"}, false
	for moment := range 10 {
		h := happened{
			begun: time.Duration(10*moment - chance.IntN(25)), done: time.Duration(10*moment + 1 + chance.IntN(25)), client: moment,
		}
		switch kind := chance.IntN(10); {
		case deleted:
			h.missing = true
			if kind == 0 {
				h.missing, h.value = false, values[len(values)-1]
			}
		case kind < 3:
			h.act, h.writes = writeAct, fmt.Sprint(moment)
			values = append(values, h.writes)
		case kind == 3 && moment > 4:
			h.act, deleted = deleteAct, true
		default:
			h.value = values[max(0, len(values)-1-chance.IntN(8)/7)]
		}
		history = append(history, h)
	}
	return history
}
