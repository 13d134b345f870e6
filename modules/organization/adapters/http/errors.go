package http

import (
	"erp.internal/modules/organization/domain"
	"erp.internal/platform/errs"
)

// Errors are the errors of the module, for the documentation.
func Errors() errs.List {
	return errs.List{
		Errors: []errs.Described{
			{Error: domain.ErrOrganizationNotFound, When: "The organization does not exist, or the caller may not see it."},
			{Error: domain.ErrOrganizationNameTaken, When: "Another organization has this name."},
			{Error: domain.ErrOrganizationHasDepartments, When: "The organization cannot be deleted while it has departments."},
			{Error: domain.ErrDepartmentNotFound, When: "The department does not exist, or the caller may not see it."},
			{Error: domain.ErrDepartmentCodeTaken, When: "Another department of the organization has this code."},
			{Error: domain.ErrDepartmentHasChildren, When: "The department cannot be deleted while it has child departments."},
			{Error: domain.ErrMoveIntoOwnSubtree, When: "The new parent is the department itself or one of its descendants."},
			{Error: domain.ErrTooDeep, When: "The tree would have more than 32 levels."},
		},
		Rules: []errs.Rule{
			{Code: "unknown_organization", Value: "is not the id of an organization"},
			{Code: "unknown_parent", Value: "is not the id of a department of the same organization"},
		},
	}
}
