package app

import (
	"context"
	"time"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/cache"
)

// mostDepartments is the maximum number of departments in cached trees, about 150 bytes each.
const mostDepartments = 1_000_000

// Trees implements ports.Trees.
type Trees struct {
	repo  ports.Departments
	cache *cache.Cache[int64, *outline] // by organization, which is also the owner
}

var _ ports.Trees = (*Trees)(nil)

// NewTrees makes the use case.
func NewTrees(repo ports.Departments, hub *cache.Hub) *Trees {
	return &Trees{repo: repo, cache: cache.New[int64, *outline](hub, "trees", mostDepartments, cache.Rules{
		domain.DepartmentCreated: cache.OfOrganization, domain.DepartmentMoved: cache.OfOrganization, domain.DepartmentDeleted: cache.OfOrganization,
	})}
}

// Above implements ports.Trees. A cached tree without the department is loaded again, so that a new department is found.
func (t *Trees) Above(ctx context.Context, now time.Time, organization, department int64) ([]int64, error) {
	if outline, cached := t.cache.Find(organization, now); cached {
		if above := outline.Above(department); above != nil || department <= outline.complete {
			return above, nil
		}
	}
	outline, err := t.read(ctx, organization, department)
	if err != nil {
		return nil, err
	}
	return outline.Above(department), nil
}

// Below implements ports.Trees.
func (t *Trees) Below(ctx context.Context, organization int64, departments ...int64) ([]int64, error) {
	outline, cached := t.cache.Find(organization, time.Now())
	if !cached {
		var err error
		if outline, err = t.read(ctx, organization, 0); err != nil {
			return nil, err
		}
	}
	return outline.Below(departments...), nil
}

// outline is a tree with the id up to which it is complete: a department with a lower id that is not in it does not exist or
// belongs to another organization. A department with a higher id may have been created by another replica, so the tree is
// loaded again; only once for the same id, so that the answer for a missing department takes no longer than for a hidden one.
type outline struct {
	*domain.Outline
	complete int64
}

// read loads a tree, for a question about a department, 0 for all.
func (t *Trees) read(ctx context.Context, organization, department int64) (*outline, error) {
	return t.cache.Load(ctx, organization, func(ctx context.Context) (*outline, cache.Policy, error) {
		nodes, err := t.repo.Nodes(ctx, domain.OrganizationID(organization))
		if err != nil {
			return nil, cache.Policy{}, err
		}
		read := &outline{domain.NewOutline(nodes), department}
		for _, n := range nodes {
			read.complete = max(read.complete, int64(n.ID))
		}
		return read, cache.Policy{Owner: organization, Size: len(nodes)}, nil
	})
}
