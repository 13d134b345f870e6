package http

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"erp.internal/modules/access/app"
	"erp.internal/modules/access/domain"
	"erp.internal/platform/authz"
	"erp.internal/platform/errs"
	"erp.internal/platform/httpx"
	"erp.internal/platform/period"
	"erp.internal/platform/place"
)

// Grant is an entry of the ledger as answers show it.
type Grant struct {
	ID             int64      `json:"id" example:"12"`
	UserID         int64      `json:"user_id" example:"7"`
	RoleID         int64      `json:"role_id" example:"5"`
	OrganizationID *int64     `json:"organization_id" doc:"null: the whole system"`
	DepartmentID   *int64     `json:"department_id" doc:"The grant includes the descendants of the department; null: the whole organization"`
	ValidFrom      *time.Time `json:"valid_from" doc:"null: from the moment of granting"`
	ValidUntil     *time.Time `json:"valid_until" doc:"The grant has no effect from this moment on; null: no end"`
	Reason         *string    `json:"reason"`
	GrantedBy      *int64     `json:"granted_by" doc:"null: the operator of the server"`
	GrantedAt      time.Time  `json:"granted_at"`
	EndedBy        *int64     `json:"ended_by" doc:"null: not ended, or ended by the operator of the server"`
	EndedAt        *time.Time `json:"ended_at" doc:"null: not ended"`
	EndReason      *string    `json:"end_reason"`
	Effect         string     `json:"effect" enum:"in_force,scheduled,expired,ended,user_deactivated,gives_nothing" doc:"Whether the grant has an effect at the moment of the request (in_force), or why not. user_deactivated and gives_nothing (the role has no permission for the place) also apply to scheduled grants"`
}

func grantOf(g app.Shown) Grant {
	at := g.Place.IDs()
	return Grant{
		ID: int64(g.ID), UserID: g.UserID, RoleID: int64(g.RoleID), OrganizationID: at.OrganizationID, DepartmentID: at.DepartmentID,
		ValidFrom: g.Period.From, ValidUntil: g.Period.Until, Reason: g.Reason, GrantedBy: g.GrantedBy, GrantedAt: g.GrantedAt,
		EndedBy: g.EndedBy, EndedAt: g.EndedAt, EndReason: g.EndReason, Effect: string(g.Effect),
	}
}

type grantFound struct{ Body Grant }

func found(g app.Shown, err error) (*grantFound, error) {
	if err != nil {
		return nil, err
	}
	return &grantFound{grantOf(g)}, nil
}

type grantCreated struct {
	Location string `header:"Location" doc:"URL of the new object"`
	Body     Grant
}

// Kept implements httpx.Keepable.
func (o *grantCreated) Kept() (location, etag string, body any) { return o.Location, "", o.Body }

type grantByID struct {
	ID domain.GrantID `path:"id" minimum:"1"`
}

type createGrant struct {
	Body struct {
		httpx.Echoed
		UserID         int64                      `json:"user_id" minimum:"1"`
		RoleID         domain.RoleID              `json:"role_id" minimum:"1"`
		OrganizationID httpx.Nullable[int64]      `json:"organization_id,omitempty" minimum:"1" doc:"null or omitted, without a department_id: the whole system"`
		DepartmentID   httpx.Nullable[int64]      `json:"department_id,omitempty" minimum:"1" doc:"Includes the descendants of the department at any time"`
		ValidFrom      httpx.Nullable[time.Time]  `json:"valid_from,omitempty" doc:"null or omitted: at once"`
		ValidUntil     httpx.Nullable[time.Time]  `json:"valid_until,omitempty" doc:"null or omitted: no end"`
		Reason         httpx.Nullable[httpx.Note] `json:"reason,omitempty" doc:"Why; for later readers of the ledger"`
	}
}

type endGrant struct {
	ID     domain.GrantID `path:"id" minimum:"1"`
	Reason httpx.Note     `query:"reason" doc:"Why; for later readers of the ledger"`
}

// GrantFilter are the parameters by which the ledger is narrowed.
type GrantFilter struct {
	UserID         int64         `query:"user_id" minimum:"1" doc:"Return only items of this user"`
	RoleID         domain.RoleID `query:"role_id" minimum:"1" doc:"Return only grants of this role"`
	GrantedBy      int64         `query:"granted_by" minimum:"1" doc:"Return only grants that this user made"`
	OrganizationID int64         `query:"organization_id" minimum:"1" doc:"Return only grants for this organization or one of its departments"`
	DepartmentID   int64         `query:"department_id" minimum:"1" doc:"Return only grants for this department"`
	Covering       bool          `query:"covering" doc:"With organization_id or department_id: also return grants that apply to it from above: for ancestors of the department, the whole organization, the whole system"`
	Permission     string        `query:"permission" maxLength:"100" doc:"Return only grants whose role had this permission at that moment"`
	State          string        `query:"state" enum:"active,scheduled,expired,ended" doc:"Return only grants with this state at that moment, by their dates; see effect for whether they have an effect"`
	Effect         string        `query:"effect" enum:"in_force,scheduled,expired,ended,user_deactivated,gives_nothing" doc:"Return only grants with this effect at that moment: in_force excludes grants of deactivated users and grants that give nothing"`
	At             string        `query:"at" format:"date-time" doc:"The moment (RFC 3339), now by default. Without state and effect, it returns the grants that were active then"`
}

func (in *GrantFilter) wanted() (app.GrantQuery, error) {
	w := app.GrantQuery{
		UserID: given(in.UserID), RoleID: given(in.RoleID), GrantedBy: given(in.GrantedBy), Place: place.Place{Organization: in.OrganizationID, Department: in.DepartmentID},
		Covering: in.Covering, Permission: authz.Permission(in.Permission), State: domain.State(in.State), Effect: domain.Effect(in.Effect),
	}
	if in.At == "" {
		return w, nil
	}
	at, err := time.Parse(time.RFC3339, in.At)
	if err != nil {
		return w, errs.Violation("query.at", "date_time", "must be a date and time such as 2026-03-01T12:00:00Z, with a + written as %2B")
	}
	w.At = &at
	if w.State == "" && w.Effect == "" {
		w.State = domain.Active
	}
	return w, nil
}

// given returns nil for a parameter that was not sent.
func given[T ~int64](id T) *T {
	if id == 0 {
		return nil
	}
	return &id
}

type listGrants struct {
	httpx.ListInput
	GrantFilter
	Sort string `query:"sort" default:"-id" enum:"id,-id" doc:"Sort field; prefix - for descending order"`
}

type exportGrants struct {
	GrantFilter
	Q httpx.Search `query:"q" doc:"Return only grants whose reason, or reason for ending, contains this text"`
}

func (r *Routes) ledger(api *httpx.API) {
	const tag = "Grants"

	httpx.Register(api, httpx.Operation{
		ID: "list-grants", Method: http.MethodGet, Path: "/grants", Tag: tag, Access: app.GrantRead,
		Summary: "List grants", Description: "The ledger of grants, including ended ones; with at, as of any moment. The tree of departments is always the current one. q searches reasons.",
		Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *listGrants) (*httpx.ListOutput[Grant], error) {
		request, err := in.Request(in.Sort)
		if err != nil {
			return nil, err
		}
		wanted, err := in.wanted()
		if err != nil {
			return nil, err
		}
		wanted.Search = in.Q.Text()
		found, err := r.grants.List(ctx, wanted, request)
		if err != nil {
			return nil, err
		}
		return httpx.List(api, &in.ListInput, found, grantOf), nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "export-grants", Method: http.MethodGet, Path: "/grants.csv", Tag: tag, Access: app.GrantRead, Produces: "text/csv",
		Summary: "Export grants as CSV", Description: "All matching grants, the oldest first, with names. For spreadsheets: UTF-8 with a byte order mark, and an apostrophe before values that look like formulas.",
		Errors: []int{http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *exportGrants) (*httpx.Stream, error) {
		wanted, err := in.wanted()
		if err != nil {
			return nil, err
		}
		wanted.Search = in.Q.Text()
		pages, err := r.exports.Begin(ctx, wanted)
		if err != nil {
			return nil, err
		}
		return download(api, pages), nil
	})

	httpx.RegisterChange(api, httpx.Operation{
		ID: "create-grant", Method: http.MethodPost, Path: "/grants", Tag: tag, Access: app.GrantCreate,
		Summary: "Grant a role", Description: "The caller must hold all permissions of the role at that place, for the whole period.",
		Status: http.StatusCreated, Errors: httpx.BodyErrors(http.StatusConflict),
	}, func(ctx context.Context, in *createGrant) (app.Shown, error) {
		b := in.Body
		return r.grants.Create(ctx, app.CreateGrant{
			UserID: b.UserID, RoleID: b.RoleID, Place: httpx.Place(b.OrganizationID, b.DepartmentID),
			Period: period.Period{From: b.ValidFrom.Pointer(), Until: b.ValidUntil.Pointer()}, Reason: httpx.PointerText(b.Reason),
		})
	}, func(g app.Shown) *grantCreated {
		return &grantCreated{Location: api.Href(fmt.Sprintf("/grants/%d", g.ID)), Body: grantOf(g)}
	})

	httpx.Register(api, httpx.Operation{
		ID: "grant-by-id", Method: http.MethodGet, Path: "/grants/{id}", Tag: tag, Access: app.GrantRead,
		Summary: "Show a grant", Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *grantByID) (*grantFound, error) {
		return found(r.grants.ByID(ctx, in.ID))
	})

	httpx.Register(api, httpx.Operation{
		ID: "end-grant", Method: http.MethodDelete, Path: "/grants/{id}", Tag: tag, Access: app.GrantEnd,
		Summary: "End a grant", Description: "It has no effect from now on. The ledger keeps it, with who ended it, when and why.", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *endGrant) (*httpx.Empty, error) {
		reason := string(in.Reason)
		return nil, r.grants.End(ctx, app.EndGrant{ID: in.ID, Reason: &reason})
	})
}

type userRole struct {
	ID     int64         `path:"id" minimum:"1"`
	RoleID domain.RoleID `path:"role_id" minimum:"1"`
}

// shortForm grants and ends in the whole system.
func (r *Routes) shortForm(api *httpx.API) {
	const tag = "Grants"

	httpx.Register(api, httpx.Operation{
		ID: "grant-role", Method: http.MethodPut, Path: "/users/{id}/roles/{role_id}", Tag: tag, Access: app.GrantCreate,
		Summary: "Grant a user a role for the whole system", Description: "Does nothing if the user has it already.",
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *userRole) (*grantFound, error) {
		return found(r.grants.GrantEverywhere(ctx, app.GrantEverywhere{UserID: in.ID, RoleID: in.RoleID}))
	})

	httpx.Register(api, httpx.Operation{
		ID: "end-role", Method: http.MethodDelete, Path: "/users/{id}/roles/{role_id}", Tag: tag, Access: app.GrantEnd,
		Summary: "End a user's role for the whole system", Description: "Does nothing if the user does not have it. Grants for organizations and departments stay.", Status: http.StatusNoContent,
		Errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *userRole) (*httpx.Empty, error) {
		return nil, r.grants.EndEverywhere(ctx, app.EndEverywhere{UserID: in.ID, RoleID: in.RoleID})
	})
}
