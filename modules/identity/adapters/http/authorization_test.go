package http_test

import (
	"context"
	"slices"
	"testing"

	"go.uber.org/fx"

	"erp.internal/modules/identity"
	"erp.internal/modules/organization"
	"erp.internal/platform/authz"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/platform/place"
)

// forbidding allows everything but some permissions.
type forbidding struct {
	authz.Open
	permissions []authz.Permission
}

func (f forbidding) RequireAt(_ context.Context, p authz.Permission, _ place.Place) error {
	if slices.Contains(f.permissions, p) {
		return authz.ErrForbidden
	}
	return nil
}

// A caller who may not set passwords learns nothing from their rules, by any operation.
func TestUsers_givenPasswordNeedsPermission(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	id, _ := h.user(t, "alice@example.com", "secret123")
	restricted := &hospital{Client: apitest.On(t, h.DB, organization.Module(), identity.Module(), apitest.AllAllowed(), fx.Supply(settings()),
		fx.Decorate(func(authz.Authorizer) authz.Authorizer {
			return forbidding{permissions: []authz.Permission{"user.reset_password"}}
		}))}
	for _, password := range []string{"short", "long enough for all"} {
		restricted.As(t, h.admin, "PUT", "/users/2", `{"password":"`+password+`"}`).Want(t, 403, "code", "forbidden")
	}
	restricted.As(t, h.admin, "PUT", "/users/2", `{"full_name":"Alice"}`).Want(t, 200, "id", id)
	restricted.As(t, h.admin, "POST", "/users/2/password-reset", "").Want(t, 403)
	h.SignIn(t, "alice@example.com", "secret123")
}
