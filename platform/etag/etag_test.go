package etag_test

import (
	"errors"
	"strconv"
	"strings"
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
		`"3-gz`:                  false,
		`"3--`:                   false,
		`"3abc"`:                 false,
		`"3-4"`:                  false,
		`"3-stale"`:              false,
		`"-gzip"`:                false,
		`"gzip"`:                 false,
		`"2-gzip"`:               false,
		`W/"2"`:                  false,
		`"*"`:                    false,
		`W/*`:                    false,
		`"1,3"`:                  false,
		`"1, 3"`:                 false,
		`"1","2", W/"4"`:         false,
		`,`:                      true,
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

// What proxies make of a tag is still the version that it was made of.
func TestTag_thatAProxyRewrote(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		`W/"3"`, `w/"3"`, `3`, `"3-gzip"`, `"3-br"`, `"3-zstd"`, `"3-df"`, `"3--gzip"`, `"3;gzip"`, `W/"3;gzip"`, `W/"3-gzip"`, `"3:gzip"`, `"3.gz"`, `"3-x-gzip"`,
		`"3-GZIP"`, `"3"-gzip`, `"3";gzip`, `W/"3"-gzip`, `"3-gzip-br"`, `"3-gzip"-gzip`, `3-gzip`, `"1", W/"3-gzip"`, `"a,b", "3-br"`, `"1",,"3"`, "\t\"3\"\t",
	} {
		if err := etag.ParseIfMatch(header).Check(3); err != nil {
			t.Errorf("If-Match: %s against version 3: %v", header, err)
		}
		if err := etag.ParseIfMatch(header).Check(33); err == nil {
			t.Errorf("If-Match: %s holds for version 33", header)
		}
		if !etag.NoneMatch(header, `"3"`) || etag.NoneMatch(header, `"33"`) {
			t.Errorf("If-None-Match: %s does not list \"3\" alone", header)
		}
	}
	for _, header := range []string{`W/"1k2j3h"`, `"1k2j3h"`, `W/"1k2j3h-gzip"`, `"1k2j3h--gzip"`, `W/"other", W/"1k2j3h"`} {
		if !etag.NoneMatch(header, `W/"1k2j3h"`) {
			t.Errorf("If-None-Match: %s does not list a list's tag", header)
		}
	}
}

// A header holds for a version only if it names it.
func FuzzParseIfMatch(f *testing.F) {
	const version = 9_000_000_000_000_000_001
	for _, header := range []string{`"1"`, `W/"1-gzip", *`, `"`, `"a,b`, `gzip-gzip`, etag.Of(version)} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		asks := strings.Trim(header, ", \t") != ""
		if named := strings.Contains(header, "*") || strings.Contains(header, strconv.Itoa(version)); asks && !named && etag.ParseIfMatch(header).Check(version) == nil {
			t.Errorf("%q holds for a version that it does not name", header)
		}
	})
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
