package search

import (
	"context"
	"slices"
)

// Beside are places whose names have some of the words of a query: a row of them matches if it has the others.
type Beside struct {
	rest   []word
	Places []int64
}

// Named returns places that match a query, at most so many, of those among, which is nil for all.
type Named func(ctx context.Context, q Query, among []int64, atMost int) ([]int64, error)

// PlacesOf returns the places of rows that match a query, of at most so many rows.
type PlacesOf func(ctx context.Context, q Query, atMost int) ([]int64, error)

const (
	// fewPlaces are listed in the statement. Beyond them, those of the rows that have the other words are, if they are few.
	fewPlaces = 500
	// fewRows is how many rows are looked at for their places.
	fewRows = 2000
	// mostPlaces bounds the places of a word that very many have, beside a word that very many rows have.
	mostPlaces = 20000
)

// Beside finds the places whose names have the first or the last words of a query; none for a query of one word. The names
// of places are looked up with each search, not stored with the rows, since renaming a place would change all of its rows.
//
// Errors: those of named and placesOf.
func (q Query) Beside(ctx context.Context, named Named, placesOf PlacesOf) ([]Beside, error) {
	var all []Beside
	for i := 1; i < len(q.words); i++ {
		for _, split := range [][2][]word{{q.words[:i], q.words[i:]}, {q.words[i:], q.words[:i]}} {
			places, err := besides(ctx, Query{words: split[0]}, Query{words: split[1]}, named, placesOf)
			if err != nil {
				return nil, err
			}
			if len(places) > 0 {
				all = append(all, Beside{split[1], places})
			}
		}
	}
	return all, nil
}

// besides are the places that match the words of, for the rows that match the rest.
func besides(ctx context.Context, of, rest Query, named Named, placesOf PlacesOf) ([]int64, error) {
	places, err := named(ctx, of, nil, fewPlaces+1)
	if err != nil || len(places) <= fewPlaces {
		return places, err
	}
	among, err := placesOf(ctx, rest, fewRows+1)
	if err != nil || len(among) == 0 {
		return nil, err
	}
	if len(among) > fewRows {
		return named(ctx, of, nil, mostPlaces)
	}
	slices.Sort(among)
	return named(ctx, of, slices.Compact(among), fewRows)
}
