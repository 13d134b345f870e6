package search

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
	"erp.internal/platform/pg"
	"erp.internal/platform/place"
)

// Routes are the operations of the search.
type Routes struct {
	db    *pg.DB
	kinds []Kind
}

// NewRoutes makes the routes.
func NewRoutes(db *pg.DB, kinds []Kind) *Routes {
	kinds = slices.SortedFunc(slices.Values(kinds), func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	return &Routes{db: db, kinds: kinds}
}

// Name implements httpx.Routes.
func (*Routes) Name() string { return "search" }

// Found is an object that was found, in answers.
type Found struct {
	Kind   string  `json:"kind" example:"user" doc:"user, department, organization or role"`
	ID     int64   `json:"id" example:"1"`
	Name   string  `json:"name" example:"김철수" doc:"The name; of a user without one, the email or the employee number"`
	Detail *string `json:"detail" example:"chulsoo@example.com" doc:"The email or the employee number of a user, the code of a department"`
	place.IDs
	Rank string `json:"rank" enum:"exact,prefix,word,inside" doc:"How well it matches"`
}

type searchInput struct {
	Q     httpx.Search `query:"q" required:"true" doc:"What to search for; a blank one finds nothing"`
	Limit int          `query:"limit" default:"20" minimum:"1" maximum:"100" doc:"Maximum number of items"`
}

type searchOutput struct {
	ETag string  `header:"ETag"`
	Body []Found `nullable:"false"`
}

// Register implements httpx.Routes.
func (r *Routes) Register(api *httpx.API) {
	const tag = "Search"
	api.Tag(tag, "People, departments, organizations and roles by what they are called.")
	httpx.Register(api, httpx.Operation{
		ID: "search", Method: http.MethodGet, Path: "/search", Tag: tag, Access: authn.SignedIn,
		Summary:     "Search everything",
		Description: "Finds users, departments, organizations and roles that the caller may see, the best matches first. See docs/api/search.md.",
	}, func(ctx context.Context, in *searchInput) (*searchOutput, error) {
		out := &searchOutput{Body: []Found{}}
		q := Parse(in.Q.Text())
		if q.Empty() {
			return out, nil
		}
		hits, err := all(ctx, r.db, r.kinds, q, in.Limit)
		if err != nil {
			return nil, err
		}
		for _, hit := range hits {
			out.Body = append(out.Body, Found{
				Kind: hit.kind, ID: hit.ID, Name: hit.Name, Detail: hit.Detail, IDs: hit.Place.IDs(), Rank: hit.Match.Rank.String(),
			})
		}
		return out, nil
	})
}
