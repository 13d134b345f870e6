package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"erp.internal/modules/organization/domain"
	"erp.internal/modules/organization/ports"
	"erp.internal/platform/authz"
	"erp.internal/platform/change"
	"erp.internal/platform/errs"
	"erp.internal/platform/etag"
	"erp.internal/platform/page"
	"erp.internal/platform/place"
	"erp.internal/platform/search"
)

// Departments are the use cases of departments.
type Departments struct {
	door  *change.Door
	authz authz.Authorizer
	repo  ports.Departments
	trees *Trees
}

// NewDepartments makes the use cases.
func NewDepartments(door *change.Door, authorizer authz.Authorizer, repo ports.Departments, trees *Trees) *Departments {
	return &Departments{door: door, authz: authorizer, repo: repo, trees: trees}
}

// ByID returns a department.
//
// Errors: domain.ErrDepartmentNotFound.
func (d *Departments) ByID(ctx context.Context, id domain.DepartmentID) (domain.Department, error) {
	department, err := d.repo.ByID(ctx, id)
	if err != nil {
		return domain.Department{}, err
	}
	return department, d.require(ctx, DepartmentRead, department)
}

// List returns a page of the departments that the caller may see; the filter's scope is set here.
//
// Errors: page.ErrCursor.
func (d *Departments) List(ctx context.Context, filter ports.DepartmentFilter, request page.Request) (page.Page[domain.Department], error) {
	scope, err := d.authz.Scope(ctx, DepartmentRead)
	if err != nil {
		return page.Page[domain.Department]{}, err
	}
	if filter.Scope, err = d.within(ctx, scope, filter.Within); err != nil {
		return page.Page[domain.Department]{}, err
	}
	return d.repo.List(ctx, filter, request)
}

// Search returns departments that a query finds and that the caller may see: see search.Kind.
//
// Errors: errs.Unavailable.
func (d *Departments) Search(ctx context.Context, q search.Query, atLeast int) ([]search.Hit, error) {
	scope, err := d.authz.Scope(ctx, DepartmentRead)
	if err != nil || scope.Empty() {
		return nil, err
	}
	found, err := d.repo.Search(ctx, q, scope, atLeast)
	hits := make([]search.Hit, len(found))
	for i, department := range found {
		hits[i] = search.Hit{
			Match: q.Match(&department.Name, department.Code),
			ID:    int64(department.ID), Name: department.Name, Detail: department.Code,
			Place: place.Department(department.OrganizationID, department.ID),
		}
	}
	return hits, err
}

// within narrows a scope to a department with its descendants. One that the caller may not see counts as missing.
func (d *Departments) within(ctx context.Context, scope place.Scope, at place.Place) (place.Scope, error) {
	if at.Department == 0 {
		return scope, nil
	}
	department, err := d.repo.ByID(ctx, domain.DepartmentID(at.Department))
	if errors.Is(err, domain.ErrDepartmentNotFound) || err == nil && !scope.Contains(department.Place()) {
		authz.ReadAgain(ctx)
		return place.Scope{}, nil
	}
	if err != nil {
		return place.Scope{}, err
	}
	organization := int64(department.OrganizationID)
	below, err := d.trees.Below(ctx, organization, at.Department)
	return scope.Within(organization, below), err
}

// CreateDepartment is the command of Create.
type CreateDepartment struct {
	OrganizationID domain.OrganizationID
	ParentID       *domain.DepartmentID // nil: top level
	Name           string
	Code           *string // nil: none
	SortOrder      *int64  // nil: last among its siblings
}

// Create adds a department.
//
// Errors: errs.Invalid (domain.ErrUnknownOrganization and domain.ErrUnknownParent among them), domain.ErrTooDeep,
// domain.ErrDepartmentCodeTaken, authz.ErrForbidden.
func (d *Departments) Create(ctx context.Context, c CreateDepartment) (domain.Department, error) {
	department, err := domain.NewDepartment(c.OrganizationID, c.Name, c.Code)
	if err != nil {
		return domain.Department{}, err
	}
	if err := d.requirePlace(ctx, DepartmentCreate, c.OrganizationID, c.ParentID); err != nil {
		return domain.Department{}, err
	}
	return change.InTurn(ctx, d.door, turn(c.OrganizationID), func(ctx context.Context, tx *change.Tx) (domain.Department, error) {
		tree, err := d.repo.LockTree(ctx, c.OrganizationID, c.ParentID, 0)
		if err != nil {
			return domain.Department{}, err
		}
		places, err := tree.Append(c.ParentID)
		if err != nil {
			return domain.Department{}, err
		}
		own, siblings := split(places, department.ID)
		department.ParentID, department.SortOrder = c.ParentID, own.SortOrder
		if c.SortOrder != nil {
			department.SortOrder, siblings = *c.SortOrder, nil
		}
		if err := d.repo.Reorder(ctx, siblings); err != nil {
			return domain.Department{}, err
		}
		created, err := d.repo.Create(tx.Last(ctx, department.Creating()), department)
		if err != nil {
			return domain.Department{}, err
		}
		tx.Record(created.Created())
		return created, nil
	})
}

// UpdateDepartment is the command of Update.
type UpdateDepartment struct {
	ID       domain.DepartmentID
	Expected etag.Condition
	Change   domain.DepartmentChange
}

// Update changes a department if it still has the expected version. A change of its parent moves its descendants along, as
// Move does.
//
// Errors: errs.Invalid (domain.ErrOrganizationCannotChange and domain.ErrUnknownParent among them),
// domain.ErrDepartmentNotFound, domain.ErrDepartmentCodeTaken, domain.ErrMoveIntoOwnSubtree, domain.ErrTooDeep,
// etag.ErrStale, authz.ErrForbidden.
func (d *Departments) Update(ctx context.Context, c UpdateDepartment) (domain.Department, error) {
	of := departmentTurn(c.ID)
	var organization domain.OrganizationID
	if !c.Change.ParentID.Leaves() {
		var err error
		if organization, err = d.organizationOf(ctx, DepartmentUpdate, c.ID); err != nil {
			return domain.Department{}, err
		}
		of = turn(organization)
	}
	return change.InTurn(ctx, d.door, of, func(ctx context.Context, tx *change.Tx) (domain.Department, error) {
		var tree *domain.Tree
		if !c.Change.ParentID.Leaves() {
			var err error
			if tree, err = d.repo.LockTree(ctx, organization, c.Change.ParentID.Value(), c.ID); err != nil {
				return domain.Department{}, err
			}
		}
		before, err := d.lock(ctx, DepartmentUpdate, c.ID, c.Expected)
		if err != nil {
			return domain.Department{}, err
		}
		if c.Change.Moves(before) {
			if err := d.require(ctx, DepartmentMove, before); err != nil {
				return domain.Department{}, err
			}
			if err := d.requireNewPlace(ctx, before, c.Change.ParentID.Value()); err != nil {
				return domain.Department{}, err
			}
			if err := tree.CanMove(c.ID, c.Change.ParentID.Value()); err != nil {
				return domain.Department{}, err
			}
		}
		department := before
		if err := department.Change(c.Change); err != nil {
			return domain.Department{}, err
		}
		return d.store(ctx, tx, before, department)
	})
}

// store stores a changed department.
func (d *Departments) store(ctx context.Context, tx *change.Tx, before, department domain.Department) (domain.Department, error) {
	after, err := d.repo.Update(tx.Last(ctx, department.ChangedFrom(before)), department)
	if err != nil {
		return domain.Department{}, err
	}
	tx.Record(after.ChangedFrom(before))
	return after, nil
}

// MoveDepartment is the command of Move.
type MoveDepartment struct {
	ID       domain.DepartmentID
	Expected etag.Condition
	Parent   *domain.DepartmentID // nil: top level
	Position int                  // the number of siblings before it
}

// Move moves a department with its descendants to another parent or to another position among its siblings, if it still has
// the expected version.
//
// Errors: domain.ErrDepartmentNotFound, domain.ErrUnknownParent, domain.ErrMoveIntoOwnSubtree, domain.ErrTooDeep,
// etag.ErrStale, authz.ErrForbidden.
func (d *Departments) Move(ctx context.Context, c MoveDepartment) (domain.Department, error) {
	organization, err := d.organizationOf(ctx, DepartmentMove, c.ID)
	if err != nil {
		return domain.Department{}, err
	}
	return change.InTurn(ctx, d.door, turn(organization), func(ctx context.Context, tx *change.Tx) (domain.Department, error) {
		tree, err := d.repo.LockTree(ctx, organization, c.Parent, c.ID)
		if err != nil {
			return domain.Department{}, err
		}
		before, err := d.lock(ctx, DepartmentMove, c.ID, c.Expected)
		if err != nil {
			return domain.Department{}, err
		}
		if err := d.requireNewPlace(ctx, before, c.Parent); err != nil {
			return domain.Department{}, err
		}
		places, err := tree.Move(c.ID, c.Parent, c.Position)
		if err != nil || len(places) == 0 {
			return before, err
		}
		own, siblings := split(places, c.ID)
		if err := d.repo.Reorder(ctx, siblings); err != nil {
			return domain.Department{}, err
		}
		department := before
		department.ParentID, department.SortOrder = own.ParentID, own.SortOrder
		return d.store(ctx, tx, before, department)
	})
}

// DeleteDepartment is the command of Delete.
type DeleteDepartment struct {
	ID       domain.DepartmentID
	Expected etag.Condition
}

// Delete deletes a department without subdepartments, if it still has the expected version.
//
// Errors: domain.ErrDepartmentNotFound, domain.ErrDepartmentHasChildren, errs.Conflict where anything else still refers to
// it, etag.ErrStale, authz.ErrForbidden.
func (d *Departments) Delete(ctx context.Context, c DeleteDepartment) error {
	_, err := change.InTurn(ctx, d.door, departmentTurn(c.ID), func(ctx context.Context, tx *change.Tx) (none struct{}, err error) {
		department, err := d.lock(ctx, DepartmentDelete, c.ID, c.Expected)
		if err != nil {
			return none, err
		}
		tx.Record(department.Deleted())
		return none, d.repo.Delete(ctx, c.ID)
	})
	if !errors.Is(err, domain.ErrDepartmentHasChildren) {
		return err
	}
	below, counted := d.repo.CountBelow(ctx, c.ID)
	return withCount(domain.ErrDepartmentHasChildren, "The department still has %s below it: move or delete them first", below, counted)
}

// lock loads and locks a department that the caller is about to change, and checks permission and version.
func (d *Departments) lock(ctx context.Context, permission authz.Permission, id domain.DepartmentID, condition etag.Condition) (domain.Department, error) {
	department, err := d.repo.ForUpdate(ctx, id)
	if err != nil {
		return domain.Department{}, err
	}
	if err := d.require(ctx, permission, department); err != nil {
		return domain.Department{}, err
	}
	return department, condition.Check(department.Version)
}

// turn is the turn of changes of an organization and its tree.
func turn(organization domain.OrganizationID) change.Turn {
	return change.Turn{Of: "organization", ID: int64(organization)}
}

// departmentTurn is the turn of changes of a department that do not move it.
func departmentTurn(id domain.DepartmentID) change.Turn {
	return change.Turn{Of: "department", ID: int64(id)}
}

// organizationOf returns the organization of a department that the caller is about to change; it never changes. It checks the
// permission before the turn, so that only callers with the permission wait for it.
func (d *Departments) organizationOf(ctx context.Context, permission authz.Permission, id domain.DepartmentID) (domain.OrganizationID, error) {
	department, err := d.repo.ByID(ctx, id)
	if err != nil {
		return 0, err
	}
	return department.OrganizationID, d.require(ctx, permission, department)
}

// require checks a permission of the caller for an existing department.
//
// Errors: domain.ErrDepartmentNotFound for one that they may not see, authz.ErrForbidden.
func (d *Departments) require(ctx context.Context, permission authz.Permission, department domain.Department) error {
	return authz.RequireVisible(ctx, d.authz, permission, DepartmentRead, domain.ErrDepartmentNotFound, department.Place())
}

// requirePlace checks that the caller may put a department below parent, or at the top level for nil, without checking that
// these exist. A parent that the caller may not see counts as missing.
//
// Errors: domain.ErrUnknownOrganization, domain.ErrUnknownParent, authz.ErrForbidden.
func (d *Departments) requirePlace(ctx context.Context, permission authz.Permission, organization domain.OrganizationID, parent *domain.DepartmentID) error {
	top := place.Organization(organization)
	if parent == nil {
		return authz.RequireVisible(ctx, d.authz, permission, OrganizationRead, domain.ErrUnknownOrganization, top)
	}
	missing := domain.ErrUnknownParent
	if authz.Require(ctx, d.authz, OrganizationRead, top) != nil {
		missing = domain.ErrUnknownOrganization
	}
	return authz.RequireVisible(ctx, d.authz, permission, DepartmentRead, missing, place.Department(organization, *parent))
}

// requireNewPlace checks that the caller may move a department below parent, and gains no permissions over it by that.
//
// Errors: those of requirePlace.
func (d *Departments) requireNewPlace(ctx context.Context, department domain.Department, parent *domain.DepartmentID) error {
	if err := d.requirePlace(ctx, DepartmentMove, department.OrganizationID, parent); err != nil {
		return err
	}
	to := place.Organization(department.OrganizationID)
	if parent != nil {
		to = place.Department(department.OrganizationID, *parent)
	}
	return d.authz.RequireNoGain(ctx, department.Place(), to)
}

// withCount adds to an error how many departments prevent the change, unless they could not be counted: "1 department" or
// "2 departments" in the message.
func withCount(e *errs.Error, sentence string, departments int64, counted error) error {
	if counted != nil {
		return e
	}
	things := "departments"
	if departments == 1 {
		things = "department"
	}
	return e.WithMessage(sentence, fmt.Sprintf("%d %s", departments, things)).WithParams(errs.Params{"count": departments})
}

// split separates the place of a department from those of its siblings.
func split(places []domain.Node, id domain.DepartmentID) (own domain.Node, siblings []domain.Node) {
	at := slices.IndexFunc(places, func(n domain.Node) bool { return n.ID == id })
	return places[at], slices.Delete(slices.Clone(places), at, at+1)
}
