// Package etag turns the version of a row into its entity tag and checks conditions (RFC 9110, section 13). Proxies that
// compress rewrite tags on the way: nginx makes them weak, others put the coding's name into them, Apache's 2.2 behind
// them. A client can only send back what it got, so all of these mean the tag that they were made of.
package etag

import (
	"slices"
	"strconv"
	"strings"

	"erp.internal/platform/errs"
)

// ErrStale is what a write answers whose If-Match names another version than the current one.
var ErrStale = errs.New(errs.Stale, "stale", "This was changed by somebody else meanwhile: read it again, then repeat the change")

// Of gives the strong entity tag of a version.
func Of(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Condition is what If-Match asked for. The zero value asks nothing.
type Condition struct {
	tags []string // without what stands around them
}

// ParseIfMatch reads an If-Match header. A weak tag counts, unlike in RFC 9110 section 13.1.1: a version is the same
// whatever a proxy made of the bytes that showed it.
func ParseIfMatch(header string) Condition { return Condition{tags: split(header)} }

// Check says whether the condition holds for a row's current version.
//
// Errors: ErrStale.
func (c Condition) Check(version int64) error {
	if len(c.tags) == 0 || slices.Contains(c.tags, anyTag) || slices.Contains(c.tags, strconv.FormatInt(version, 10)) {
		return nil
	}
	return ErrStale
}

// NoneMatch tells whether an If-None-Match header lists tag (RFC 9110, section 13.1.2).
func NoneMatch(header, tag string) bool {
	if tag == "" {
		return false
	}
	listed := split(header)
	return slices.Contains(listed, anyTag) || slices.Contains(listed, core(tag))
}

// anyTag is "any version" in a header, where it stands without quotes.
const anyTag = "*"

// broken stands for a tag that cannot be read, which no version has.
const broken = `"`

// split gives the cores of the tags that a header lists. A comma within quotes parts nothing.
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

// codings are what proxies put behind a tag: the names of content codings (RFC 9110, section 8.4.1) and how servers
// shorten them.
var codings = []string{"x-gzip", "gzip", "gz", "br", "zstd", "zst", "deflate", "df", "compress", "identity"}

// core gives a tag without W/, quotes and codings.
func core(tag string) string {
	tag = strings.TrimPrefix(strings.TrimPrefix(tag, "W/"), "w/")
	tag = withoutCodings(tag) // behind the quotes
	switch begins, ends := strings.HasPrefix(tag, `"`), strings.HasSuffix(tag, `"`); {
	case begins && ends && len(tag) > 1:
		tag = tag[1 : len(tag)-1]
	case begins || ends:
		return broken
	}
	tag = withoutCodings(tag)
	if tag == anyTag { // in quotes it is a tag like others
		return broken
	}
	return tag
}

// withoutCodings takes the names of codings off a tag's end, with what parts them from it.
func withoutCodings(tag string) string {
	for i := 0; i < len(codings); i++ {
		rest := strings.TrimRight(cutFold(tag, codings[i]), "-;:.+_ ")
		if cut := len(rest) < len(tag)-len(codings[i]); cut && rest != "" {
			tag, i = rest, -1 // there may be another before it
		}
	}
	return tag
}

// cutFold cuts a suffix off in whatever case.
func cutFold(s, suffix string) string {
	if at := len(s) - len(suffix); at > 0 && strings.EqualFold(s[at:], suffix) {
		return s[:at]
	}
	return s
}
