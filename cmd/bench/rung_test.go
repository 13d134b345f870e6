package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestRung_is_in_proportion(t *testing.T) {
	t.Parallel()
	r := &rung{users: 1_000_000}
	if r.departments() != 100_000 || r.organizations() != 2_000 {
		t.Errorf("%d departments of %d organizations", r.departments(), r.organizations())
	}
	if got := r.treeOf(10_000); got != 2_003 {
		t.Errorf("the largest tree is of organization %d", got)
	}
	if got := r.firstOfTree(10_000); got != 101_101 {
		t.Errorf("its first department is %d", got)
	}
}

func TestDepartmentsOf(t *testing.T) {
	t.Parallel()
	all := departmentsOf([]int{departmentsEach, 100})
	if len(all) != departmentsEach+100 {
		t.Fatalf("%d departments", len(all))
	}
	parents := map[int]bool{}
	for n, d := range all {
		parents[d.parent] = true
		if (d.parent == 0) != (d.place < tops) {
			t.Errorf("department %d, at place %d, has the parent %d", n+1, d.place, d.parent)
		}
		if d.parent > n || d.parent != 0 && all[d.parent-1].organization != d.organization {
			t.Errorf("department %d of organization %d has the parent %d", n+1, d.organization, d.parent)
		}
	}
	for place := range departmentsEach {
		if isLeaf := !parents[place+1]; isLeaf != (place >= firstLeaf) {
			t.Errorf("place %d is a leaf: %v", place, isLeaf)
		}
	}
}

func TestRung_seen(t *testing.T) {
	t.Parallel()
	for _, users := range []int{1_000, 10_000, 1_000_000} {
		r := &rung{users: users}
		for _, scope := range scopes()[1:] {
			if !r.has(scope) {
				continue
			}
			seen := r.seen(scope)
			distinct := slices.Compact(slices.Sorted(slices.Values(seen)))
			if len(distinct) != scope || distinct[0] < 1 || int(distinct[scope-1]) > r.departments() {
				t.Errorf("%d users, a reader of %d departments sees %d of %d to %d", users, scope, len(distinct), distinct[0], distinct[len(distinct)-1])
			}
		}
	}
	if (&rung{users: 1_000}).has(500) {
		t.Error("a rung of 100 departments has 500")
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m, chance := newMoments(now), rand.New(rand.NewPCG(1, 2))
	for range 1_000 {
		created, updated := m.pair(chance)
		if created.After(updated) || updated.After(now) {
			t.Fatalf("created %s, updated %s, now %s", created, updated, now)
		}
	}
}

func TestParseRungs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int{"1000": {1000}, "1000,10000": {1000, 10000}, "10000,1000": nil, "999": nil, "many": nil, "1000,1000": nil} {
		got, err := parseRungs(text)
		if !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q gives %v and %v, want %v", text, got, err, want)
		}
	}
}

// Every line has a title of its own within its group: figures are found by it.
func TestRequests_have_titles_of_their_own(t *testing.T) {
	t.Parallel()
	lines := requests(&rung{users: 1_000_000})
	seen := map[string]bool{}
	for _, line := range lines {
		if key := line.group + ": " + line.title; seen[key] {
			t.Errorf("there are two of %s", key)
		} else {
			seen[key] = true
		}
	}
	for _, line := range lines {
		if line.against != "" && !seen[line.group+": "+line.against] && !seen[byIDGroup+": "+line.against] {
			t.Errorf("%s is compared with %s, which is no line", line.title, line.against)
		}
	}
}
