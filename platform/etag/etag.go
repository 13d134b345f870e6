// Package etag converts the version of a row to an entity tag and checks conditions (RFC 9110, section 13). Proxies that
// compress rewrite tags: nginx makes them weak, others append the name of the coding, inside the quotes or, as Apache 2.2
// does, after them. Clients send the rewritten tag back, so it counts as the original one.
package etag

import (
	"slices"
	"strconv"
	"strings"

	"erp.internal/platform/errs"
)

// ErrStale answers a write whose If-Match does not match the current version.
var ErrStale = errs.New(errs.Stale, "stale", "Another user has changed this meanwhile: read it again, then repeat your change")

// Of returns the strong entity tag of a version.
func Of(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Condition is a parsed If-Match header. The zero value is always true.
type Condition struct {
	tags []string // see core
}

// ParseIfMatch reads an If-Match header. Unlike in RFC 9110, section 13.1.1, a weak tag matches too: a proxy that
// compresses an answer does not change the version.
func ParseIfMatch(header string) Condition { return Condition{tags: split(header)} }

// Check checks the condition against a row's current version.
//
// Errors: ErrStale.
func (c Condition) Check(version int64) error {
	if len(c.tags) == 0 || slices.Contains(c.tags, anyTag) || slices.Contains(c.tags, strconv.FormatInt(version, 10)) {
		return nil
	}
	return ErrStale
}

// NoneMatch reports whether an If-None-Match header lists tag (RFC 9110, section 13.1.2).
func NoneMatch(header, tag string) bool {
	if tag == "" {
		return false
	}
	listed := split(header)
	return slices.Contains(listed, anyTag) || slices.Contains(listed, core(tag))
}

// anyTag matches any version; in headers it has no quotes.
const anyTag = "*"

// invalid replaces an invalid tag; it matches no version.
const invalid = `"`

// split returns the cores of the tags in a header. Commas within quotes do not separate tags.
func split(header string) []string {
	var tags []string
	for rest := header; rest != ""; {
		end, quoted := 0, false
		for end < len(rest) && (quoted || rest[end] != ',') {
			quoted = quoted != (rest[end] == '"')
			end++
		}
		switch tag := strings.Trim(rest[:end], " \t"); {
		case tag == anyTag:
			tags = append(tags, anyTag)
		case tag != "":
			tags = append(tags, core(tag))
		}
		rest = rest[min(end+1, len(rest)):]
	}
	return tags
}

// codings are the suffixes that proxies append: the names of content codings (RFC 9110, section 8.4.1) and short forms of
// them.
var codings = []string{"x-gzip", "gzip", "gz", "br", "zstd", "zst", "deflate", "df", "compress", "identity"}

// core returns a tag without W/, quotes and codings.
func core(tag string) string {
	tag = strings.TrimPrefix(strings.TrimPrefix(tag, "W/"), "w/")
	tag = withoutCodings(tag) // after the quotes
	switch begins, ends := strings.HasPrefix(tag, `"`), strings.HasSuffix(tag, `"`); {
	case begins && ends && len(tag) > 1:
		tag = tag[1 : len(tag)-1]
	case begins || ends:
		return invalid
	}
	tag = withoutCodings(tag)
	if tag == anyTag { // in quotes it is an ordinary tag
		return invalid
	}
	return tag
}

// withoutCodings removes names of codings and their separators from the end of a tag.
func withoutCodings(tag string) string {
	for i := 0; i < len(codings); i++ {
		rest := strings.TrimRight(cutFold(tag, codings[i]), "-;:.+_ ")
		if cut := len(rest) < len(tag)-len(codings[i]); cut && rest != "" {
			tag, i = rest, -1 // there may be another coding before it
		}
	}
	return tag
}

// cutFold removes a suffix, ignoring case.
func cutFold(s, suffix string) string {
	if at := len(s) - len(suffix); at > 0 && strings.EqualFold(s[at:], suffix) {
		return s[:at]
	}
	return s
}
