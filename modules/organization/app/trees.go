package app

import (
	"context"
	"time"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/pg"
)

// mostTrees bounds the memory for trees, about 150 bytes for each department.
const mostTrees = 10_000

// Trees implements ports.Trees. The feed's keys are organizations.
type Trees struct {
	repo ports.Departments
	held *pg.Held[int64, *domain.Outline]
}

var _ ports.Trees = (*Trees)(nil)

// NewTrees makes the use case.
func NewTrees(tx pg.Transactor, repo ports.Departments, changes pg.Changes) *Trees {
	return &Trees{repo: repo, held: pg.NewHeld[int64, *domain.Outline](tx, changes, mostTrees)}
}

// Above implements ports.Trees. A tree that was read before the department was made is read again, so that whoever knows
// of a department finds it.
func (t *Trees) Above(ctx context.Context, now time.Time, organization, department int64) ([]int64, error) {
	if outline, held := t.held.Find(organization, now); held {
		if above := outline.Above(department); above != nil {
			return above, nil
		}
	}
	outline, err := t.read(ctx, organization)
	if err != nil {
		return nil, err
	}
	return outline.Above(department), nil
}

// Below implements ports.Trees.
func (t *Trees) Below(ctx context.Context, organization int64, departments ...int64) ([]int64, error) {
	outline, held := t.held.Find(organization, time.Now())
	if !held {
		var err error
		if outline, err = t.read(ctx, organization); err != nil {
			return nil, err
		}
	}
	return outline.Below(departments...), nil
}

func (t *Trees) read(ctx context.Context, organization int64) (*domain.Outline, error) {
	epoch := t.held.Epoch()
	nodes, err := t.repo.Nodes(ctx, domain.OrganizationID(organization))
	if err != nil {
		return nil, err
	}
	outline := domain.NewOutline(nodes)
	t.held.Keep(ctx, epoch, organization, organization, outline)
	return outline, nil
}

// changed tells everybody, in the context's transaction, that departments stand elsewhere, came or went.
func (t *Trees) changed(ctx context.Context, organization domain.OrganizationID) error {
	return t.held.Changed(ctx, int64(organization))
}

// Forget forgets an organization's tree: another replica changed it.
func (t *Trees) Forget(organization int64) { t.held.Forget(organization) }

// ForgetAll forgets every tree: nobody can tell which changed.
func (t *Trees) ForgetAll() { t.held.ForgetAll() }
