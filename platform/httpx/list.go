package httpx

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"erp.internal/platform/errs"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// ListInput are the parameters of every list, except sort, whose fields differ.
type ListInput struct {
	Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Maximum number of items"`
	After string `query:"after" maxLength:"4096" doc:"Cursor of the page, from the Link header of the page before"`
	Q     Search `query:"q" doc:"Return only items that contain this text"`
	Count bool   `query:"count" doc:"Also count the items of all pages, up to 10,000, in X-Total-Count"`

	url url.URL
}

// Resolve implements huma.Resolver; it keeps the request's URL for the Link header. huma does not resolve the fields of a
// resolver, so this resolves Q.
func (in *ListInput) Resolve(ctx huma.Context) []error {
	in.url = ctx.URL()
	q := "query.q"
	return in.Q.Resolve(ctx, huma.NewPathBuffer([]byte(q), len(q)))
}

// IDFilter is the parameter of lists whose items others refer to by id, so that all references of a page come in one
// request.
type IDFilter struct {
	IDs []int64 `query:"id" nullable:"false" minItems:"1" maxItems:"200" minimum:"1" doc:"Return only items with one of these ids, separated by commas: 3,5,8"`
}

// IDs returns the filter's ids in the domain's type, nil for no filter.
func IDs[ID ~int64](f IDFilter) []ID {
	var ids []ID
	for _, id := range f.IDs {
		ids = append(ids, ID(id))
	}
	return ids
}

// WithinFilter is the parameter of lists of what belongs to organizations and departments.
type WithinFilter struct {
	Within string `query:"within" pattern:"^(organization|department):[1-9][0-9]{0,18}$" patternDescription:"organization:3 or department:12" doc:"Return only items of this organization or department with all of its descendants: organization:3, department:12"`
}

// Place returns the filter's place, without the organization of a department; the zero value for no filter.
//
// Errors: errs.Invalid.
func (f WithinFilter) Place() (place.Place, error) {
	level, id, _ := strings.Cut(f.Within, ":")
	if level == "" {
		return place.Place{}, nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return place.Place{}, errs.Violation("query.within", "too_large", "must be the id of an organization or a department")
	}
	if level == "organization" {
		return place.Place{Organization: n}, nil
	}
	return place.Place{Department: n}, nil
}

// Moment returns the moment of a parameter; nil for one that was not sent. A violation is added to v.
func Moment(v *errs.Violations, parameter, s string) *time.Time {
	if s == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		v.Add("query."+parameter, "date_time", "must be a date and time such as 2026-03-01T12:00:00Z, with a + written as %2B")
		return nil
	}
	return &at
}

// Request returns the page that was requested.
//
// Errors: page.ErrCursor.
func (in *ListInput) Request(sort string) (page.Request, error) {
	order := page.ParseSort(sort)
	after, err := page.ParseCursor(in.After, order)
	if err != nil {
		return page.Request{}, err
	}
	return page.Request{Limit: in.Limit, Sort: order, After: after, Count: in.Count}, nil
}

// ListOutput is the answer of every list: an array, with the links and the total in headers.
type ListOutput[T any] struct {
	Link  string `header:"Link" doc:"The next page (rel=next), except on the last one (RFC 8288)"`
	Total string `header:"X-Total-Count" doc:"Number of items on all pages, with count=true"`
	Exact string `header:"X-Total-Count-Exact" doc:"false: there are more items than X-Total-Count says, which is 10000. Missing: X-Total-Count is exact"`
	ETag  string `header:"ETag"`
	Body  Items[T]
}

// List converts a page to an answer.
func List[T, DTO any](api *API, in *ListInput, p page.Page[T], dto func(T) DTO) *ListOutput[DTO] {
	p.Shared = nil
	return SharedList(api, in, p, dto)
}

// SharedList is List for items that look the same to every caller: what dto returns depends on the item alone. A page that several
// callers share is encoded once.
func SharedList[T, DTO any](api *API, in *ListInput, p page.Page[T], dto func(T) DTO) *ListOutput[DTO] {
	out := &ListOutput[DTO]{Body: itemsOf(p, dto)}
	if p.Next != nil {
		query := in.url.Query()
		query.Set("after", p.Next.String())
		out.Link = "<" + api.Href(in.url.Path+"/?"+query.Encode()) + `>; rel="next"`
	}
	if p.Total != nil {
		out.Total = strconv.FormatInt(*p.Total, 10)
		if p.More {
			out.Exact = "false"
		}
	}
	return out
}
