package main

import (
	"errors"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		environ []string
		group   memlimit.Provider
		limit   int64
		ok      bool
	}{
		"of a container":          {nil, memlimit.Limit(1 << 30), 966367641, true},
		"of one, where it is set": {[]string{"GOMEMLIMIT=1GiB"}, memlimit.Limit(1 << 30), 0, false},
		"of one without a limit":  {nil, func() (uint64, error) { return 0, memlimit.ErrNoLimit }, 0, false},
		"without a control group": {nil, func() (uint64, error) { return 0, errors.New("there is none") }, 0, false},
	} {
		limit, ok := memoryLimit(console{environ: tc.environ}, tc.group)
		if limit != tc.limit || ok != tc.ok {
			t.Errorf("%s: %d, %v", name, limit, ok)
		}
	}
}
