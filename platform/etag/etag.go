// Package etag turns the version of a row into its entity tag and checks If-Match conditions (RFC 9110, section 13).
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
	tags []string
}

// ParseIfMatch reads an If-Match header. A weak or foreign tag is one that no version has, as the strong comparison of
// RFC 9110 section 8.8.3.2 asks.
func ParseIfMatch(header string) Condition {
	var c Condition
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			c.tags = append(c.tags, tag)
		}
	}
	return c
}

// Check says whether the condition holds for a row's current version.
//
// Errors: ErrStale.
func (c Condition) Check(version int64) error {
	if len(c.tags) == 0 || slices.Contains(c.tags, "*") || slices.Contains(c.tags, Of(version)) {
		return nil
	}
	return ErrStale
}

// NoneMatch tells whether an If-None-Match header lists tag, in the weak comparison (RFC 9110, section 13.1.2).
func NoneMatch(header, tag string) bool {
	if tag == "" {
		return false
	}
	for listed := range strings.SplitSeq(header, ",") {
		listed = strings.TrimSpace(listed)
		if listed == "*" || strings.TrimPrefix(listed, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
