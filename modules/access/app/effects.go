package app

import (
	"context"
	"slices"
	"time"

	"erp.internal/modules/access/domain"
	"erp.internal/modules/access/ports"
	identityports "erp.internal/modules/identity/ports"
	"erp.internal/platform/place"
)

// Shown is a grant with its effect at the moment of the request.
type Shown struct {
	domain.Grant
	Effect domain.Effect
}

// shown adds the effects of grants at a moment, nil for now, by the permissions that decisions use. Whether a user is active
// is known only for the present; it counts for later moments, too, as does the present tree of departments.
//
// Errors: errs.Unavailable.
func (g *Grants) shown(ctx context.Context, at *time.Time, grants ...domain.Grant) ([]Shown, error) {
	if len(grants) == 0 {
		return []Shown{}, nil
	}
	roles, err := g.decisions.rolesAt(ctx, at)
	if err != nil {
		return nil, err
	}
	inactive := map[int64]bool{}
	if !past(at) {
		users := make([]int64, len(grants))
		for i, grant := range grants {
			users[i] = grant.UserID
		}
		people, err := g.people.People(ctx, users...)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			inactive[p.ID] = !canSignIn(p)
		}
	}
	moment, all := momentOf(at, grants), make([]Shown, len(grants))
	for i, grant := range grants {
		gives := roles[grant.RoleID][grant.Place.Level()]
		all[i] = Shown{grant, grant.Effect(moment, !inactive[grant.UserID], !gives.empty())}
	}
	return all, nil
}

// shownOne is shown for one grant, now.
func (g *Grants) shownOne(ctx context.Context, grant domain.Grant, err error) (Shown, error) {
	if err != nil {
		return Shown{}, err
	}
	all, err := g.shown(ctx, nil, grant)
	if err != nil {
		return Shown{}, err
	}
	return all[0], nil
}

// byEffect adds to a filter which users are deactivated, and which roles have an effect at each level: the repository does
// not know either.
//
// Errors: errs.Unavailable.
func (g *Grants) byEffect(ctx context.Context, filter *ports.GrantFilter) error {
	roles, err := g.decisions.rolesAt(ctx, filter.At)
	if err != nil {
		return err
	}
	filter.Giving = map[place.Level][]domain.RoleID{}
	for level := range g.decisions.permissions.levels {
		giving := []domain.RoleID{}
		for id, held := range roles {
			if set := held[level]; !set.empty() {
				giving = append(giving, id)
			}
		}
		slices.Sort(giving)
		filter.Giving[level] = giving
	}
	filter.Inactive = []int64{}
	if !past(filter.At) {
		filter.Inactive, err = g.people.Deactivated(ctx)
	}
	return err
}

// past reports whether a moment, nil for now, is before now.
func past(at *time.Time) bool { return at != nil && at.Before(time.Now()) }

// canSignIn reports whether the grants of a user can have an effect.
func canSignIn(p identityports.Person) bool { return p.Active && !p.Deleted }
