package etag_test

import (
	"errors"
	"testing"

	"erp.internal/platform/etag"
)

func TestCondition_Check(t *testing.T) {
	t.Parallel()
	for header, holds := range map[string]bool{
		``:                       true,
		`*`:                      true,
		`"3"`:                    true,
		etag.Of(3):               true,
		`"1", "3"`:               true,
		` "1" ,"3" `:             true,
		`"2"`:                    false,
		`W/"3"`:                  false,
		`3`:                      false,
		`"3`:                     false,
		`"03"`:                   false,
		`"+3"`:                   false,
		`"three"`:                false,
		`"99999999999999999999"`: false,
	} {
		err := etag.ParseIfMatch(header).Check(3)
		if (err == nil) != holds || (err != nil && !errors.Is(err, etag.ErrStale)) {
			t.Errorf("If-Match: %s against version 3: %v, want it to hold: %v", header, err, holds)
		}
	}
}

func TestNoneMatch(t *testing.T) {
	t.Parallel()
	for header, listed := range map[string]bool{``: false, `*`: true, `"3"`: true, `W/"3"`: true, `"1", "3"`: true, `"33"`: false} {
		if etag.NoneMatch(header, `"3"`) != listed {
			t.Errorf("If-None-Match: %s lists \"3\": want %v", header, listed)
		}
	}
	if etag.NoneMatch(`*`, "") {
		t.Error("an answer without a tag matched")
	}
}
