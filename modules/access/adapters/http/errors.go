package http

import (
	"erp.internal/modules/access/domain"
	"erp.internal/platform/errs"
)

// Errors are the errors of the module, for the documentation.
func Errors() errs.List {
	return errs.List{
		Errors: []errs.Described{
			{Error: domain.ErrRoleNotFound, When: "The role does not exist, or the caller may not see it."},
			{Error: domain.ErrRoleNameTaken, When: "Another role has this name."},
			{Error: domain.ErrRoleBuiltIn, When: "Built-in roles cannot be changed or deleted."},
			{Error: domain.ErrRoleExceedsOwn, When: "The caller adds or removes permissions that they do not hold everywhere and without an end, or renames or deletes a role with such permissions. `detail` names them."},
			{Error: domain.ErrRoleGrows, When: "Other users would get more by the role at places where the caller may not grant; see [Roles](api/roles-and-grants.md#roles)."},
			{Error: domain.ErrGrantNotFound, When: "The grant does not exist, or the caller may not see it."},
			{Error: domain.ErrGrantEnded, When: "The grant was ended before."},
			{Error: domain.ErrGrantExists, When: "The user already has this role at this place for the whole period."},
			{Error: domain.ErrGrantGivesNothing, When: "The role has no permissions, or none that can be held at such a place."},
			{Error: domain.ErrGrantExceedsOwn, When: "The grant would give more, or for longer, than the caller holds at this place. `detail` names what the caller lacks."},
			{Error: domain.ErrEndExceedsOwn, When: "The grant gives permissions that the caller does not hold at its place. `detail` names them."},
			{Error: domain.ErrLastAdministrator, When: "The last [system administrator](api/roles-and-grants.md#the-last-system-administrator) cannot be removed."},
		},
		Rules: []errs.Rule{
			{Code: "unknown_user", Value: "is not the id of a user"},
			{Code: "unknown_role", Value: "is not the id of a role"},
			{Code: "unknown_permission", Value: "is not the name of a permission"},
			{Code: "place_required", Value: "is `covering` without an organization or a department"},
			{Code: "past", Value: "is an end that is not in the future"},
		},
	}
}
