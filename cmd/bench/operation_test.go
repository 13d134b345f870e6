package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

func TestAnswers_percentile(t *testing.T) {
	t.Parallel()
	var all answers
	for n := range 100 {
		all.add(answers{[]time.Duration{time.Duration(n+1) * time.Millisecond}, time.Second})
	}
	if p50, p99 := all.percentile(50), all.percentile(99); p50 != 50 || p99 != 99 {
		t.Errorf("p50 is %v ms, p99 %v ms", p50, p99)
	}
	if all.took != 100*time.Second {
		t.Errorf("the load took %s", all.took)
	}
}

func TestTally_sample(t *testing.T) {
	t.Parallel()
	y := tally{answers: answers{make([]time.Duration, 200), 2 * time.Second}, cpu: 20 * time.Millisecond, objects: 1000, bytes: 4000}
	got := y.sample()
	if got.rate != 100 || got.cpu != 100 || got.allocs != 5 || got.bytes != 20 {
		t.Errorf("the sample is %+v", got)
	}
	if !math.IsNaN(got.postgres) {
		t.Errorf("CPU of PostgreSQL, which was not read, is %v", got.postgres)
	}
	if none := (&tally{}).sample(); !math.IsNaN(none.rate) || !math.IsNaN(none.p50) {
		t.Errorf("the sample of no answers is %+v", none)
	}
}

// An answer that makes no sense ends a run: nobody is fast by answering nonsense.
func TestChecks(t *testing.T) {
	t.Parallel()
	var asked fasthttp.Request
	asked.SetRequestURI("http://localhost/organizations/7")
	asked.SetBodyString(`{"name":"A"}`)
	const whole = `"description":"d","created_at":"t","updated_at":"t"}`
	for name, err := range map[string]error{
		"another organization": checkGet(&asked, []byte(`{"id":8,"name":"A",`+whole)),
		"a missing field":      checkGet(&asked, []byte(`{"id":7,"name":"A"}`)),
		"no JSON":              checkGet(&asked, []byte(`{`)),
		"another name":         checkCreate(&asked, []byte(`{"id":7,"name":"B",`+whole)),
		"too short a list":     checkList(&asked, []byte(`[]`)),
		"no JSON at all":       holdsJSON(&asked, []byte(`<html>`)),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
	for name, err := range map[string]error{
		"the organization": checkGet(&asked, []byte(`{"id":7,"name":"A",`+whole)),
		"the new one":      checkCreate(&asked, []byte(`{"id":7,"name":"A",`+whole)),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNames_are_unique(t *testing.T) {
	t.Parallel()
	all := strings.Join(names(), ",")
	for _, name := range []string{"get", "list", "create", "create-unrecorded", "signed-in", "sign-in", "floods", "ladder", "readers", "arrivals", "revocations", "decisions"} {
		if strings.Count(","+all+",", ","+name+",") != 1 {
			t.Errorf("-only takes %s, and %q is not there once", all, name)
		}
	}
}
