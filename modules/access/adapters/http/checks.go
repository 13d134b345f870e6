package http

import (
	"context"
	"net/http"
	"slices"
	"time"

	"erp.internal/modules/access/app"
	"erp.internal/platform/authn"
	"erp.internal/platform/authz"
	"erp.internal/platform/httpx"
	"erp.internal/platform/place"
)

// Permission is an entry of the catalogue.
type Permission struct {
	Name        string        `json:"name" example:"department.move"`
	Description string        `json:"description" example:"Move departments; needed at the current and the new place"`
	Scopes      []place.Level `json:"scopes" nullable:"false" doc:"The levels for which it can be granted: system, organization, department" example:"[\"system\",\"organization\",\"department\"]"`
}

type permissionList struct {
	Body []Permission `nullable:"false"`
}

// OwnPermission is a permission of the caller's.
type OwnPermission struct {
	Permission    string  `json:"permission" example:"user.read"`
	Everywhere    bool    `json:"everywhere" doc:"Whether the caller has it for the whole system"`
	Organizations []int64 `json:"organizations" nullable:"false" doc:"Organizations for which the caller has it, including all their departments; the permission to see an organization also comes from permissions for a department"`
	Departments   []int64 `json:"departments" nullable:"false" doc:"Departments for which the caller has it, including their descendants"`
}

type ownPermissions struct {
	Body []OwnPermission `nullable:"false"`
}

type checkAccess struct {
	Body struct {
		UserID         int64                     `json:"user_id" minimum:"1"`
		Permission     string                    `json:"permission" maxLength:"100" example:"user.read"`
		OrganizationID httpx.Nullable[int64]     `json:"organization_id,omitempty" minimum:"1" doc:"null or omitted, without a department_id: the whole system"`
		DepartmentID   httpx.Nullable[int64]     `json:"department_id,omitempty" minimum:"1"`
		At             httpx.Nullable[time.Time] `json:"at,omitempty" doc:"The moment, now by default: grants and roles count as of then, the tree of departments as it is now"`
	}
}

// AccessCheck reports whether somebody may do something, and why.
type AccessCheck struct {
	Allowed bool           `json:"allowed"`
	Because []AccessReason `json:"because" nullable:"false" doc:"The grants that allow it"`
	Missing []AccessReason `json:"missing" nullable:"false" doc:"Why it is not allowed: the grants that come nearest"`
}

// AccessReason is a grant that allows something or nearly does.
type AccessReason struct {
	Code   string `json:"code" enum:"allows,user_deactivated,grant_not_yet,grant_over,grant_too_narrow,grant_elsewhere,role_lacks_permission,nothing_granted" doc:"Why the grant allows it or not, for programs"`
	Detail string `json:"detail" doc:"The same as a sentence"`
	Role   string `json:"role,omitempty" doc:"The name of the grant's role"`
	Grant  *Grant `json:"grant,omitempty" doc:"Omitted if there is none, or if the caller may not see it"`
}

var details = map[app.Why]string{
	app.Allows:         "The role holds the permission, and the grant reaches that place",
	app.Deactivated:    "The user is deactivated",
	app.NotYet:         "The grant would be enough, and has not begun",
	app.Over:           "The grant was enough, and is over",
	app.TooNarrow:      "The role holds the permission, which cannot be held for a place as small as the grant's",
	app.Elsewhere:      "The role holds the permission, and the grant is for another place",
	app.RoleLacks:      "The grant reaches that place, and its role does not hold the permission",
	app.NothingGranted: "Nothing that was granted to the user comes near",
}

func reasonsOf(reasons []app.Reason) []AccessReason {
	all := make([]AccessReason, len(reasons))
	for i, r := range reasons {
		all[i] = AccessReason{Code: string(r.Why), Detail: details[r.Why]}
		if r.Grant != nil {
			g := grantOf(*r.Grant)
			all[i].Grant, all[i].Role = &g, r.Role
		}
	}
	return all
}

type accessChecked struct{ Body AccessCheck }

func (r *Routes) permissions(api *httpx.API) {
	httpx.Register(api, httpx.Operation{
		ID: "list-permissions", Method: http.MethodGet, Path: "/permissions", Tag: "Roles", Access: authn.SignedIn,
		Summary: "List permissions",
	}, func(context.Context, *struct{}) (*permissionList, error) {
		out := &permissionList{Body: []Permission{}}
		for _, d := range r.catalogue.All() {
			out.Body = append(out.Body, Permission{Name: string(d.Permission), Description: d.Description, Scopes: d.Levels()})
		}
		return out, nil
	})
}

func (r *Routes) check(api *httpx.API) {
	const tag = "Access"

	httpx.Register(api, httpx.Operation{
		ID: "own-permissions", Method: http.MethodGet, Path: "/auth/permissions", Tag: tag, Access: authn.SignedIn,
		Summary: "List my permissions",
	}, func(ctx context.Context, _ *struct{}) (*ownPermissions, error) {
		held, err := r.checks.Own(ctx)
		if err != nil {
			return nil, err
		}
		out := &ownPermissions{Body: make([]OwnPermission, len(held))}
		for i, h := range held {
			own := OwnPermission{Permission: string(h.Permission), Everywhere: h.Everywhere, Organizations: append([]int64{}, h.Organizations...), Departments: []int64{}}
			for _, roots := range h.Departments {
				own.Departments = append(own.Departments, roots...)
			}
			slices.Sort(own.Organizations)
			slices.Sort(own.Departments)
			out.Body[i] = own
		}
		return out, nil
	})

	httpx.Register(api, httpx.Operation{
		ID: "check-access", Method: http.MethodPost, Path: "/access/check", Tag: tag, Access: authn.SignedIn,
		Summary: "Check a permission of a user", Description: "Whether the user has the permission at the place, and why. Callers may check themselves; for other users they need `grant.read` at those users' place.",
		Errors: httpx.BodyErrors(),
	}, func(ctx context.Context, in *checkAccess) (*accessChecked, error) {
		b := in.Body
		v, err := r.checks.Check(ctx, app.Question{
			UserID: b.UserID, Permission: authz.Permission(b.Permission), Place: httpx.Place(b.OrganizationID, b.DepartmentID), At: b.At.Pointer(),
		})
		if err != nil {
			return nil, err
		}
		return &accessChecked{AccessCheck{Allowed: v.Allowed, Because: reasonsOf(v.Because), Missing: reasonsOf(v.Missing)}}, nil
	})
}
