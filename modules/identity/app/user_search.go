package app

import (
	"context"

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
		email := user.Email.String()
		hits[i] = search.Hit{Match: q.Match(user.FullName, &email), ID: int64(user.ID), Name: email, Place: user.Place}
		if user.FullName != nil {
			hits[i].Name, hits[i].Detail = *user.FullName, &email
		}
	}
	return hits, err
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
