package app

import (
	"context"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/pg"
)

// mostTrees bounds the memory for trees, about 60 bytes for each department.
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

// Of implements ports.Trees.
func (t *Trees) Of(ctx context.Context, organization, department int64) (ports.Tree, error) {
	if outline, held := t.held.Find(organization); held && (department == 0 || outline.Holds(department)) {
		return outline, nil
	}
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
