package app

import (
	"context"
	"errors"
	"time"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/cache"
	"erp.internal/platform/place"
)

// Settings of the module's caches.
type Settings struct {
	TreeCacheMiB int `env:"TREE_CACHE_MIB" want:"a number of MiB from 1 up" unset:"'64'" doc:"how many MiB of department trees the server keeps ready to send. A tree of 10,000 departments takes 3"`
}

const defaultTreeCacheMiB = 64

// Check says what no type can.
//
// Errors: a setting that cannot be used, in one line.
func (s Settings) Check() error {
	if s.TreeCacheMiB < 0 {
		return errors.New("TREE_CACHE_MIB: it is negative: set it to a number of MiB such as 64")
	}
	return nil
}

// EncodedTrees shows department trees in the form T of an adapter. A whole tree is read and encoded once for each version; the
// part that a caller may see is read each time, so that it takes no less time when somebody else has asked, and no more when
// something else has changed.
type EncodedTrees[T any] struct {
	authz         authz.Authorizer
	repo          ports.Departments
	organizations ports.Organizations
	encode        func(*domain.Chart, []domain.Department) (encoded T, bytes int)
	cache         *cache.Cache[int64, Tree[T]] // by organization, which is also the owner
}

// Tree is a tree, or what a caller may see of it, with its encoded form.
type Tree[T any] struct {
	*domain.Chart
	Encoded T
}

// chartedBytes is how many bytes a department takes in a Chart.
const chartedBytes = 16

// NewEncodedTrees makes the use case. encode makes the form of departments, which are in the order of the chart, and returns
// how many bytes of memory it takes.
func NewEncodedTrees[T any](authorizer authz.Authorizer, repo ports.Departments, organizations ports.Organizations, hub *cache.Hub, settings Settings, encode func(*domain.Chart, []domain.Department) (encoded T, bytes int)) *EncodedTrees[T] {
	most := settings.TreeCacheMiB
	if most == 0 {
		most = defaultTreeCacheMiB
	}
	return &EncodedTrees[T]{
		authz: authorizer, repo: repo, organizations: organizations, encode: encode,
		cache: cache.New[int64, Tree[T]](hub, "encoded trees", most<<20, cache.Rules{
			domain.DepartmentCreated: cache.OfOrganization, domain.DepartmentChanged: cache.OfOrganization,
			domain.DepartmentMoved: cache.OfOrganization, domain.DepartmentDeleted: cache.OfOrganization,
		}),
	}
}

// Tree returns the departments of an organization that the caller may see.
//
// Errors: domain.ErrOrganizationNotFound, authz.ErrForbidden.
func (t *EncodedTrees[T]) Tree(ctx context.Context, organization domain.OrganizationID) (Tree[T], error) {
	scope, err := t.authz.Scope(ctx, DepartmentRead)
	if err != nil {
		return Tree[T]{}, err
	}
	tree, err := t.within(ctx, organization, scope)
	if err != nil || tree.Len() > 0 {
		return tree, err
	}
	// Without departments, check that the organization exists and that the caller may see it.
	if _, err := t.organizations.ByID(ctx, organization); err != nil {
		return Tree[T]{}, err
	}
	return tree, authz.RequireVisible(ctx, t.authz, DepartmentRead, OrganizationRead, domain.ErrOrganizationNotFound, place.Organization(organization))
}

// Below returns the position of a department, and that after its descendants, in the part of a tree that the caller may see.
//
// Errors: domain.ErrDepartmentNotFound.
func (t Tree[T]) Below(parent domain.DepartmentID) (position, end int, err error) {
	position, seen := t.Position(parent)
	if !seen {
		return 0, 0, domain.ErrDepartmentNotFound
	}
	return position, t.End(position), nil
}

func (t *EncodedTrees[T]) within(ctx context.Context, organization domain.OrganizationID, scope place.Scope) (Tree[T], error) {
	if !scope.Contains(place.Organization(organization)) {
		tree, _, err := t.read(ctx, organization, scope)
		return tree, err
	}
	if tree, cached := t.cache.Find(int64(organization), time.Now()); cached {
		return tree, nil
	}
	return t.cache.Load(ctx, int64(organization), func(ctx context.Context) (Tree[T], cache.Policy, error) {
		tree, size, err := t.read(ctx, organization, place.Scope{Everywhere: true})
		if err != nil {
			return tree, cache.Policy{}, err
		}
		return tree, cache.Policy{Owner: int64(organization), Size: size, NoStore: tree.Len() == 0}, nil // the organization may be missing
	})
}

func (t *EncodedTrees[T]) read(ctx context.Context, organization domain.OrganizationID, scope place.Scope) (tree Tree[T], bytes int, err error) {
	departments, err := t.repo.AllOf(ctx, organization, scope)
	if err != nil {
		return Tree[T]{}, 0, err
	}
	chart, ordered := domain.NewChart(departments)
	encoded, bytes := t.encode(chart, ordered)
	return Tree[T]{chart, encoded}, bytes + chartedBytes*len(ordered), nil
}
