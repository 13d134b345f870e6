package ports

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// GrantFilter filters grants; nil and empty fields do not filter.
type GrantFilter struct {
	UserID *int64
	RoleID *domain.RoleID
	// GrantedBy is who granted them.
	GrantedBy *int64
	// Place filters by organization, department or both; 0 does not filter. With Above, grants for places that contain it
	// count, too: the whole system, its organization, and these departments; with Upward, all departments of the
	// organization.
	Place  place.Place
	Above  *[]int64
	Upward bool
	// Least excludes grants for narrower levels; "" for none.
	Least place.Level
	// State at the moment At, nil for now; "" for any.
	State domain.State
	At    *time.Time
	// Holding are the roles to return.
	Holding *[]domain.RoleID
	// Effect at that moment; "" for any. Inactive are the deactivated users, and Giving the roles with an effect at each
	// level.
	Effect   domain.Effect
	Inactive []int64
	Giving   map[place.Level][]domain.RoleID
	Search   string // contained in the reason, or in the reason for ending
	Scope    place.Scope
}

// Grants is the repository of the ledger.
type Grants interface {
	// ByID returns a grant.
	//
	// Errors: domain.ErrGrantNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.GrantID) (domain.Grant, error)
	// List returns a page, sorted by id.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter GrantFilter, request page.Request) (page.Page[domain.Grant], error)
	// OrganizationOf returns the organization of a department with a grant, also an ended one or of a deleted department; 0
	// without a grant.
	//
	// Errors: errs.Unavailable.
	OrganizationOf(ctx context.Context, department int64) (int64, error)
	// ByIDs returns the existing ones of the grants, in no order.
	//
	// Errors: errs.Unavailable.
	ByIDs(ctx context.Context, ids []domain.GrantID) ([]domain.Grant, error)
	// Of calls take with every grant of a user, the newest first, without the reasons, which may be long: there may be too
	// many for memory. take must not block.
	//
	// Errors: errs.Unavailable.
	Of(ctx context.Context, user int64, take func(domain.Grant)) error
	// Live returns a user's grants that were not ended, without their reasons.
	//
	// Errors: errs.Unavailable.
	Live(ctx context.Context, user int64) ([]domain.Grant, error)
	// Lasting returns the users who have a role for the whole system now and without an end date, by grant.
	//
	// Errors: errs.Unavailable.
	Lasting(ctx context.Context, role domain.RoleID) (map[domain.GrantID]int64, error)
	// CheckUnused checks that all grants of a role have ended or expired.
	//
	// Errors: pg.ErrInUse with how many are not, errs.Unavailable.
	CheckUnused(ctx context.Context, role domain.RoleID) error
	// Places returns the places of the grants of a role that have not ended or expired, each once.
	//
	// Errors: errs.Unavailable.
	Places(ctx context.Context, role domain.RoleID) ([]place.Place, error)
	// Holders counts the users of a role, without ended and expired grants; inactive are the deactivated users. The counts are
	// for permissions whose narrowest scope is the system, an organization, a department, in this order.
	//
	// Errors: errs.Unavailable.
	Holders(ctx context.Context, role domain.RoleID, inactive []int64) ([]domain.Holders, error)
	// Holding returns the condition of users who have a role now, by a grant within a scope.
	Holding(role domain.RoleID, scope place.Scope) page.Condition
	// LockUser locks a user's grants until the transaction ends, before the next statement, and returns those of Live at that
	// moment. It comes before any lock of roles.
	LockUser(ctx context.Context, user int64) (live func() ([]domain.Grant, error))
	// Create stores a new grant and returns it with its id and time; it is granted by the actor of the context.
	//
	// Errors: errs.Invalid when the organization or the department was just deleted, errs.Unavailable.
	Create(ctx context.Context, g domain.Grant) (domain.Grant, error)
	// End ends grants by the actor of the context, with an optional reason; ended grants stay unchanged.
	//
	// Errors: errs.Unavailable.
	End(ctx context.Context, reason *string, grants []domain.GrantID) error
}
