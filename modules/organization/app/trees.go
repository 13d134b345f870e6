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
	held *pg.Held[int64, *outline]
}

var _ ports.Trees = (*Trees)(nil)

// NewTrees makes the use case.
func NewTrees(tx pg.Transactor, repo ports.Departments, changes pg.Changes) *Trees {
	return &Trees{repo: repo, held: pg.NewHeld[int64, *outline](tx, changes, mostTrees)}
}

// Above implements ports.Trees. A tree that was read before the department was made is read again, so that whoever knows
// of a department finds it.
func (t *Trees) Above(ctx context.Context, now time.Time, organization, department int64) ([]int64, error) {
	if outline, held := t.held.Find(organization, now); held {
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
	outline, held := t.held.Find(organization, time.Now())
	if !held {
		var err error
		if outline, err = t.read(ctx, organization, 0); err != nil {
			return nil, err
		}
	}
	return outline.Below(departments...), nil
}

// outline is a tree with the id up to which it is complete: a department that is not in it is not there, or of another
// organization. Ids grow, so one beyond may be so new that another replica made it, and the tree is read anew; for the
// same id only once, so that what is absent takes no longer to answer than what may not be seen.
type outline struct {
	*domain.Outline
	complete int64
}

// read reads a tree, on behalf of a question about a department, 0 for all.
func (t *Trees) read(ctx context.Context, organization, department int64) (*outline, error) {
	epoch := t.held.Epoch()
	nodes, err := t.repo.Nodes(ctx, domain.OrganizationID(organization))
	if err != nil {
		return nil, err
	}
	read := &outline{domain.NewOutline(nodes), department}
	for _, n := range nodes {
		read.complete = max(read.complete, int64(n.ID))
	}
	t.held.Keep(ctx, epoch, organization, organization, read)
	return read, nil
}

// changed tells everybody, in the context's transaction, that departments stand elsewhere, came or went.
func (t *Trees) changed(ctx context.Context, organization domain.OrganizationID) error {
	return t.held.Changed(ctx, int64(organization))
}

// Forget forgets an organization's tree: another replica changed it.
func (t *Trees) Forget(organization int64) { t.held.Forget(organization) }

// ForgetAll forgets every tree: nobody can tell which changed.
func (t *Trees) ForgetAll() { t.held.ForgetAll() }
