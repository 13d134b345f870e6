package domain

import (
	"time"

	"erp.internal/platform/errs"
	"erp.internal/platform/period"
	"erp.internal/platform/place"
	"erp.internal/platform/text"
)

// The errors of grants.
var (
	ErrGrantNotFound     = errs.New(errs.NotFound, "grant.not_found", "Grant not found")
	ErrGrantEnded        = errs.New(errs.Conflict, "grant.ended", "The grant was ended before; the ledger is not changed")
	ErrGrantExists       = errs.New(errs.Conflict, "grant.exists", "The user holds this role there already, for the whole of this time")
	ErrGrantGivesNothing = errs.New(errs.Conflict, "grant.gives_nothing", "This role gives nothing there: it holds no permissions, or none that can be held for such a place")
	ErrGrantExceedsOwn   = errs.New(errs.Forbidden, "grant.exceeds_own", "A grant can hold only what you hold there yourself, and for no longer")
	ErrEndExceedsOwn     = errs.New(errs.Forbidden, "grant.end_exceeds_own", "You can end only a grant of what you hold there yourself")
	ErrLastAdministrator = errs.New(errs.Conflict, "access.last_administrator", "This is the last system administrator: give somebody else that role without an end first")

	ErrGrantOver           = errs.Violation("valid_until", "past", "must be in the future")
	ErrUnknownUser         = errs.Violation("user_id", "unknown_user", "is no user")
	ErrUnknownRole         = errs.Violation("role_id", "unknown_role", "is no role")
	ErrUnknownOrganization = errs.Violation("organization_id", "unknown_organization", "is no organization")
	ErrUnknownDepartment   = errs.Violation("department_id", "unknown_department", "is no department, or not one of the organization")
	ErrUserNotFound        = errs.New(errs.NotFound, "user.not_found", "User not found")
)

// GrantID identifies a grant; it is never used again.
type GrantID int64

// Grant is an entry of the ledger: a user has a role somewhere for a time. It is ended, never changed or deleted.
type Grant struct {
	ID        GrantID
	UserID    int64
	RoleID    RoleID
	Place     place.Place
	Period    period.Period // without a start, it begins when it is granted
	Reason    *string
	GrantedBy *int64 // nil: whoever runs the server
	GrantedAt time.Time
	EndedBy   *int64
	EndedAt   *time.Time // nil: it goes on
	EndReason *string
}

// NewGrant makes a grant that is not stored yet.
//
// Errors: errs.Invalid with every violation.
func NewGrant(user int64, role RoleID, at place.Place, dates period.Period, reason *string, now time.Time) (Grant, error) {
	g := Grant{UserID: user, RoleID: role, Place: at, Period: dates.Normal()}
	var v errs.Violations
	g.Period.CheckCalendar(&v, "valid_from", "valid_until")
	switch {
	case g.Period.State(now) == period.Expired:
		_ = v.Join(ErrGrantOver)
	case g.Period.Empty():
		v.Add("valid_until", "before_from", "must be after valid_from")
	}
	var err error
	if g.Reason, err = Reason("reason", reason); v.Join(err) != nil {
		return Grant{}, err
	}
	return g, v.Err()
}

// Reason takes what somebody wrote as the reason of something; what is blank is none.
//
// Errors: errs.Invalid.
func Reason(field string, reason *string) (*string, error) {
	if reason == nil {
		return nil, nil //nolint:nilnil // no reason is not an error
	}
	normal, err := text.Note(*reason)
	var v errs.Violations
	if err := v.Check(field, err); err != nil {
		return nil, err
	}
	if err := v.Err(); err != nil || normal == "" {
		return nil, err
	}
	return &normal, nil
}

// State is what a grant is at some moment: what its period is, unless it was not granted yet or somebody ended it.
type State string

// The states.
const (
	Unknown   State = "unknown" // not granted yet
	Scheduled       = State(period.Scheduled)
	Active          = State(period.Active)
	Expired         = State(period.Expired)
	Ended     State = "ended" // by somebody
)

// At gives the grant's state at a moment. testdata/grant_states.json holds it, the filter of lists and the console to the
// same answers.
func (g Grant) At(moment time.Time) State {
	switch {
	case g.GrantedAt.After(moment):
		return Unknown
	case g.EndedAt != nil && !g.EndedAt.After(moment):
		return Ended
	default:
		return State(g.Period.State(moment))
	}
}

// Included gives one of the grants that gives already whatever another one would.
func Included(live []Grant, other Grant, now time.Time) (Grant, bool) {
	for _, g := range live {
		if g.Includes(other, now) {
			return g, true
		}
	}
	return Grant{}, false
}

// Includes says whether whatever another grant gives, this one gives already.
func (g Grant) Includes(other Grant, now time.Time) bool {
	return g.EndedAt == nil && g.UserID == other.UserID && g.RoleID == other.RoleID && g.Place == other.Place &&
		g.Period.ContainsFrom(now, other.Period)
}
