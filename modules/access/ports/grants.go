package ports

import (
	"context"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
)

// GrantFilter says which grants a list holds; what is nil or empty filters nothing.
type GrantFilter struct {
	UserID *int64
	RoleID *domain.RoleID
	// GrantedBy is who granted them.
	GrantedBy *int64
	// Place is where the grants hold: its organization, its department or both, 0 filtering nothing. With Above, those
	// count too that hold somewhere which contains it: the whole system, its organization, and these departments; with
	// Upward, all of the organization's departments.
	Place  place.Place
	Above  *[]int64
	Upward bool
	// Least leaves out grants for less than this; "" for none.
	Least place.Level
	// State at the moment At, nil being now; "" for any.
	State domain.State
	At    *time.Time
	// Holding are the roles.
	Holding *[]domain.RoleID
	// Effect at that moment; "" for any. Inactive are the users who are deactivated, and Giving the roles that hold
	// something for a place of each width.
	Effect   domain.Effect
	Inactive []int64
	Giving   map[place.Level][]domain.RoleID
	Search   string // only those whose reason, or reason of the end, contains it
	Scope    place.Scope
}

// Grants keeps the ledger.
type Grants interface {
	// ByID gives a grant.
	//
	// Errors: domain.ErrGrantNotFound, errs.Unavailable.
	ByID(ctx context.Context, id domain.GrantID) (domain.Grant, error)
	// List gives a page, sorted by id.
	//
	// Errors: page.ErrCursor, errs.Unavailable.
	List(ctx context.Context, filter GrantFilter, request page.Request) (page.Page[domain.Grant], error)
	// OrganizationOf gives the organization of a department for which there ever was a grant, also when the department is
	// gone; 0 where there was none.
	//
	// Errors: errs.Unavailable.
	OrganizationOf(ctx context.Context, department int64) (int64, error)
	// ByIDs gives those of the grants that there are, in no order.
	//
	// Errors: errs.Unavailable.
	ByIDs(ctx context.Context, ids []domain.GrantID) ([]domain.Grant, error)
	// Of hands every grant of a user to take, one at a time, the newest first, and without its reasons, which may be long:
	// there may be more than memory should hold. take must not wait for anything.
	//
	// Errors: errs.Unavailable.
	Of(ctx context.Context, user int64, take func(domain.Grant)) error
	// Live gives those of a user's that were not ended, without their reasons.
	//
	// Errors: errs.Unavailable.
	Live(ctx context.Context, user int64) ([]domain.Grant, error)
	// Lasting gives the users who hold a role in the whole system now and without an end by date, by their grants.
	//
	// Errors: errs.Unavailable.
	Lasting(ctx context.Context, role domain.RoleID) (map[domain.GrantID]int64, error)
	// CheckUnused says whether every grant of a role is over.
	//
	// Errors: pg.ErrInUse with how many are not, errs.Unavailable.
	CheckUnused(ctx context.Context, role domain.RoleID) error
	// Places gives where grants of a role hold that are not over, each place once.
	//
	// Errors: errs.Unavailable.
	Places(ctx context.Context, role domain.RoleID) ([]place.Place, error)
	// Holders counts who has a role, without grants that are over, of which inactive are deactivated: for permissions whose
	// narrowest scope is the system, an organization, a department, in this order.
	//
	// Errors: errs.Unavailable.
	Holders(ctx context.Context, role domain.RoleID, inactive []int64) ([]domain.Holders, error)
	// LockUser keeps others from locking a user's grants until the transaction ends. It comes before any lock of roles.
	//
	// Errors: errs.Unavailable.
	LockUser(ctx context.Context, user int64) error
	// Create stores a new grant and gives it its id and time; it is granted by the user who makes the context's change.
	//
	// Errors: errs.Invalid when the organization or the department has just gone, errs.Unavailable.
	Create(ctx context.Context, g domain.Grant) (domain.Grant, error)
	// End ends grants, for a reason or none, by the user who makes the context's change; those that ended before stay as
	// they are.
	//
	// Errors: errs.Unavailable.
	End(ctx context.Context, reason *string, grants []domain.GrantID) error
}
