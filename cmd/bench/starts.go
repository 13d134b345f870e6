package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"erp.internal/cmd/bench/report"
)

const (
	startTarget    = 300 * time.Millisecond
	ownStartTarget = time.Second
	idleTarget     = 40 << 20 // bytes
)

// measureStarts starts the server on the database that it brings along, which the first start creates: that one does not
// count.
func (b *bench) measureStarts(ctx context.Context, s *report.Section) error {
	var took []time.Duration
	for n := range b.starts + 1 {
		erp, err := startErp(ctx, b.options, b.dir, "DATA_DIR="+filepath.Join(b.dir, "own"))
		if err != nil {
			return err
		}
		erp.stop()
		if n > 0 {
			took = append(took, erp.took)
		}
	}
	reportStarts(s.Table("erp serve", "median", "each", "target", ""), "to ready, on its own database", took, ownStartTarget)
	return nil
}

func reportStarts(t *report.Table, what string, took []time.Duration, target time.Duration) {
	var each []string
	for _, d := range took {
		each = append(each, fmt.Sprint(d.Milliseconds()))
	}
	t.Row(what, fmt.Sprintf("%d ms", report.Median(took).Milliseconds()), strings.Join(each, " "),
		fmt.Sprintf("< %d ms", target.Milliseconds()), t.Verdict(what, report.Median(took) < target))
}
