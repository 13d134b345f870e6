package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"erp.internal/platform/pg"
	"erp.internal/platform/place"
)

// Kind is a kind of objects that GET /search finds. Each module provides its kinds.
type Kind struct {
	Name string // as answers show it
	// Find is called for several kinds at the same time. It returns objects that a query finds and that the caller may see, none if they may see none of the kind. There are
	// at least so many as long as there are others, with those that match best among them.
	//
	// Errors: errs.Unavailable.
	Find func(ctx context.Context, q Query, atLeast int) ([]Hit, error)
}

// Hit is an object that was found.
type Hit struct {
	Match  Match
	ID     int64
	Name   string
	Detail *string     // another text by which it may have been found
	Place  place.Place // where it is
}

// leastCandidates are looked at for the best: what the statements find first is not in order where many match alike.
const leastCandidates = 40

// found is a Hit of a kind.
type found struct {
	Hit
	kind string
}

// all finds objects of every kind, the best first.
func all(ctx context.Context, db *pg.DB, kinds []Kind, q Query, limit int) ([]found, error) {
	each, finds := make([][]Hit, len(kinds)), make([]func(context.Context) error, len(kinds))
	for i, kind := range kinds {
		finds[i] = func(ctx context.Context) (err error) {
			each[i], err = kind.Find(ctx, q, max(leastCandidates, 2*limit))
			return err
		}
	}
	if err := db.AtOnce(ctx, finds...); err != nil {
		return nil, err
	}
	var hits []found
	for i, of := range each {
		for _, hit := range of {
			hits = append(hits, found{hit, kinds[i].Name})
		}
	}
	slices.SortFunc(hits, func(a, b found) int {
		return cmp.Or(a.Match.Compare(b.Match), strings.Compare(a.kind, b.kind), cmp.Compare(a.ID, b.ID))
	})
	return hits[:min(len(hits), limit)], nil
}
