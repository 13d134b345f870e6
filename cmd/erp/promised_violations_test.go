package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.uber.org/fx"

	"erp.internal/platform/authn"
	"erp.internal/platform/httpx"
	"erp.internal/platform/httpx/apitest"
	"erp.internal/postgres/pgtest"
)

// TestPromisedViolations sends, for each code that docs/errors.md documents inside errors, a request that violates that rule.
func TestPromisedViolations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, code := range slices.Sorted(maps.Keys(provokedViolations)) {
		t.Run(code, func(t *testing.T) {
			a := provokedViolations[code](t, w)
			listed, _ := a.body["errors"].([]any)
			found := slices.ContainsFunc(listed, func(one any) bool {
				violation, _ := one.(map[string]any)
				return violation["code"] == code && violation["location"] != "" && violation["message"] != ""
			})
			if a.status != http.StatusUnprocessableEntity || !found {
				t.Errorf("status %d: %v", a.status, a.body)
			}
		})
	}
}

// provokedViolations are requests that violate each rule.
var provokedViolations = map[string]func(*testing.T, *world) answer{
	"required":             asRoot("POST", "/organizations", `{}`),
	"unknown_field":        asRoot("POST", "/organizations", `{"name":"A","nam":"B"}`),
	"unknown_parameter":    asRoot("GET", "/organizations?limt=1", ""),
	"repeated":             asRoot("GET", "/organizations?limit=1&limit=2", ""),
	"blank":                asRoot("POST", "/organizations", `{"name":" "}`),
	"null":                 asRoot("PUT", "/organizations/1", `{"name":null}`),
	"wrong_type":           asRoot("POST", "/organizations", `{"name":1}`),
	"too_short":            asRoot("POST", "/organizations", `{"name":""}`),
	"too_long":             asRoot("POST", "/organizations", `{"name":"`+strings.Repeat("a", 256)+`"}`),
	"too_few":              ofAnOperationToCome(`{"list":[]}`),
	"too_many":             asRoot("GET", "/organizations?id=1"+strings.Repeat(",1", 200), ""),
	"too_small":            asRoot("GET", "/organizations?limit=0", ""),
	"too_large":            asRoot("GET", "/organizations?limit=1001", ""),
	"not_one_of":           asRoot("GET", "/organizations?sort=password", ""),
	"control_character":    asRoot("POST", "/organizations", `{"name":"a\u0000"}`),
	"not_utf8":             asRoot("GET", "/organizations?q=%ff", ""),
	"cursor":               asRoot("GET", "/organizations?after=nonsense", ""),
	"unreadable":           asRoot("GET", "/organizations?q=%zz", ""),
	"unknown_organization": asRoot("POST", "/departments", `{"organization_id":999999,"name":"X"}`),
	"unknown_parent":       asRoot("POST", "/departments", `{"organization_id":1,"parent_id":999999,"name":"X"}`),
	"unknown_department":   asRoot("POST", "/users", `{"email":"x@example.org","organization_id":1,"department_id":999999}`),
	"unknown_user":         asRoot("POST", "/grants", `{"user_id":999999,"role_id":1}`),
	"unknown_role":         asRoot("POST", "/grants", `{"user_id":1,"role_id":999999}`),
	"unknown_permission":   asRoot("POST", "/roles", `{"name":"X","permissions":["user.fly"]}`),
	"place_required":       asRoot("GET", "/grants?covering=true", ""),
	"past":                 asRoot("POST", "/grants", `{"user_id":1,"role_id":4,"valid_until":"2020-01-01T00:00:00Z"}`),
	"before_from":          asRoot("POST", "/grants", `{"user_id":1,"role_id":4,"valid_from":"2100-01-02T00:00:00Z","valid_until":"2100-01-01T00:00:00Z"}`),
	"out_of_calendar":      asRoot("POST", "/grants", `{"user_id":1,"role_id":4,"valid_until":"9999-12-31T23:59:59-12:00"}`),
	"date":                 asRoot("POST", "/users", `{"email":"x@example.org","joined_on":"yesterday"}`),
	"employee_number":      asRoot("POST", "/users", `{"employee_number":"a@b"}`),
	"phone":                asRoot("POST", "/users", `{"employee_number":"1","phone":"none"}`),
	"before_joined":        asRoot("POST", "/users", `{"employee_number":"1","joined_on":"2026-03-02","left_on":"2026-03-01"}`),
	"date_time":            asRoot("GET", "/grants?at=yesterday", ""),
	"email":                asRoot("POST", "/users", `{"email":"nobody"}`),
	"too_common":           asRoot("POST", "/users", `{"email":"x@example.org","password":"password123"}`),
	"too_personal":         asRoot("POST", "/users", `{"email":"hildegard@example.org","password":"hildegard1"}`),
	"too_few_classes": func(t *testing.T, _ *world) answer {
		p := closed(t, t.TempDir(), onDatabase(t), "PASSWORD_POLICY=kr-public", "ADMIN_EMAIL=root@example.org", "ADMIN_PASSWORD=Correct-horse-7")
		return p.askAs(p.token("root@example.org", "Correct-horse-7"), "POST", "/users", `{"email":"x@example.org","password":"correcthorse"}`)
	},
	"used_before": func(t *testing.T, w *world) answer { // the password that is to be changed
		id, email := w.user(t, hospitalA)
		w.As(t, w.root, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"given by somebody"}`).Want(t, 200)
		return of(w.As(t, w.SignIn(t, email, "given by somebody"), "POST", "/auth/password", `{"current_password":"given by somebody","new_password":"given by somebody"}`))
	},
	"wrong": asRoot("POST", "/auth/password", `{"current_password":"wrong","new_password":"two cats on the roof"}`),
	"cannot_change": func(t *testing.T, w *world) answer {
		return of(w.As(t, w.root, "PUT", fmt.Sprintf("/departments/%d", w.places[ward].department), fmt.Sprintf(`{"organization_id":%d}`, w.places[hospitalB].organization)))
	},
	"invalid": ofAnOperationToCome(`{"list":[1],"even":3}`),
}

// ofAnOperationToCome sends a body to an operation of this test's own. It has what no operation of the modules has yet:
// a list in a body that must not be empty, and a number that must be even.
func ofAnOperationToCome(body string) func(*testing.T, *world) answer {
	return func(t *testing.T, w *world) answer {
		t.Helper()
		c := apitest.On(t, pgtest.Again(t, w.DB), apitest.Open(), fx.Provide(fx.Annotate(func() httpx.Routes { return toCome{} }, fx.ResultTags(`group:"routes"`))))
		return of(c.Do(t, "POST", "/to-come", body))
	}
}

type toCome struct{}

func (toCome) Name() string { return "to come" }

func (toCome) Register(api *httpx.API) {
	type input struct {
		Body struct {
			List []int `json:"list" minItems:"1"`
			Even *int  `json:"even,omitempty" multipleOf:"2"`
		}
	}
	httpx.Register(api, httpx.Operation{ID: "to-come", Method: http.MethodPost, Path: "/to-come", Tag: "Test", Access: authn.SignedIn, Errors: httpx.BodyErrors(), Status: http.StatusNoContent},
		func(context.Context, *input) (*httpx.Empty, error) { return &httpx.Empty{}, nil })
}
