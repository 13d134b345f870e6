package app

import (
	"context"
	"slices"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	orgports "erp.internal/modules/organization/ports"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// Search returns users that a query finds and that the caller may see: see search.Kind.
//
// Errors: errs.Unavailable.
func (u *Users) Search(ctx context.Context, q search.Query, atLeast int) ([]search.Hit, error) {
	scope, err := u.authz.Scope(ctx, UserRead)
	if err != nil || scope.Empty() {
		return nil, err
	}
	beside, err := u.beside(ctx, q, scope)
	if err != nil {
		return nil, err
	}
	users, err := u.repo.Search(ctx, ports.UserFilter{Search: q, Beside: beside, Scope: scope}, atLeast)
	hits := make([]search.Hit, len(users))
	for i, user := range users {
		hits[i] = hitOf(q, user)
	}
	return hits, err
}

// hitOf is a user who was found. Its name is the first that the user has of name, email and employee number; its detail is the
// one of the others that matches best, or else the next.
func hitOf(q search.Query, user domain.User) search.Hit {
	texts := []*string{user.FullName, user.Email.Text(), user.EmployeeNumber}
	hit := search.Hit{Match: q.Match(texts...), ID: int64(user.ID), Place: user.Place}
	found := texts[hit.Match.Text()]
	present := slices.DeleteFunc(texts, func(s *string) bool { return s == nil })
	hit.Name = *present[0]
	switch {
	case found != nil && found != present[0]:
		hit.Detail = found
	case len(present) > 1:
		hit.Detail = present[1]
	}
	return hit
}

// beside finds the departments that have some words of a query, of those that the caller may see: otherwise the users that are
// found would tell what other departments are called.
//
// Errors: errs.Unavailable.
func (u *Users) beside(ctx context.Context, q search.Query, users place.Scope) ([]search.Beside, error) {
	if q.Words() < 2 {
		return nil, nil
	}
	departments, err := u.authz.Scope(ctx, orgports.DepartmentRead)
	if err != nil || departments.Empty() {
		return nil, err
	}
	return q.Beside(ctx, func(ctx context.Context, of search.Query, among []int64, atMost int) ([]int64, error) {
		return u.directory.DepartmentsNamed(ctx, of, departments, among, atMost)
	}, func(ctx context.Context, rest search.Query, atMost int) ([]int64, error) {
		return u.repo.DepartmentsOf(ctx, rest, users, atMost)
	})
}
