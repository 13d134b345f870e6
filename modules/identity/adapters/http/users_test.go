package http_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"erp.internal/modules/identity"
	"erp.internal/modules/identity/domain"
)

// The rows of the old contract, to the letter, with and without the trailing slash.
func TestUsers_contract(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"한빛병원"}`).Want(t, 201, "id", 1)
	h.As(t, h.admin, "POST", "/departments/", `{"organization_id":1,"name":"내과"}`).Want(t, 201, "id", 1)

	a := h.As(t, h.admin, "POST", "/users/", `{"email":"alice@example.com","full_name":"Alice","password":"secret123","organization_id":1,"department_id":1}`).
		Want(t, 201, "id", 2, "email", "alice@example.com", "full_name", "Alice", "organization_id", 1, "department_id", 1, "is_active", true)
	// Beside the old fields, those that came later.
	later := []string{"employee_number", "employment", "joined_on", "left_on", "phone", "job", "title", "position"}
	if _, there := a.Object["password"]; there || len(a.Object) != 8+len(later) {
		t.Errorf("the answer holds %v", a.Object)
	}
	for _, field := range later {
		if _, there := a.Object[field]; !there {
			t.Errorf("the answer lacks %s", field)
		}
	}
	if got := a.Header.Get("Location"); got != "/users/2" {
		t.Errorf("Location is %q", got)
	}
	h.As(t, h.admin, "POST", "/users", `{"email":"ALICE@Example.com","password":"secret1234"}`).Want(t, 400, "detail", "Email already registered", "code", "user.email_taken")
	h.As(t, h.admin, "POST", "/users", `{"email":"bob@example.com"}`).Want(t, 201, "full_name", nil, "organization_id", nil, "department_id", nil)

	for _, path := range []string{"/users/2", "/users/2/"} {
		h.As(t, h.admin, "GET", path, "").Want(t, 200, "email", "alice@example.com")
	}
	if a := h.As(t, h.admin, "GET", "/users/?sort=-id&count=true", "").Want(t, 200); len(a.List) != 3 || a.List[2]["email"] != adminEmail || a.Header.Get("X-Total-Count") != "3" {
		t.Errorf("got %s", a.Body)
	}
	h.As(t, h.admin, "PUT", "/users/2/", `{"id":7,"full_name":"Alice Liddell","created_at":"x","updated_at":null}`).
		Want(t, 200, "id", 2, "full_name", "Alice Liddell", "department_id", 1)
	h.As(t, h.admin, "PUT", "/users/2", `{"full_name":null,"department_id":null}`).Want(t, 200, "full_name", nil, "department_id", nil, "organization_id", 1)
	h.As(t, h.admin, "PUT", "/users/2", `{"email":"BOB@example.com"}`).Want(t, 400, "detail", "Email already registered")
	h.As(t, h.admin, "PUT", "/users/2", `{"is_active":null}`).Want(t, 422)

	h.As(t, h.admin, "DELETE", "/users/2/", "").Want(t, 204)
	for _, method := range []string{"GET", "DELETE"} {
		h.As(t, h.admin, method, "/users/2", "").Want(t, 404, "detail", "User not found", "code", "user.not_found")
	}
	h.As(t, h.admin, "PUT", "/users/2", `{}`).Want(t, 404)
	h.As(t, h.admin, "POST", "/users/", `{"email":"alice@example.com"}`).Want(t, 201, "id", 4)
}

func TestUsers_everyViolationIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"A"}`).Want(t, 201)
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"B"}`).Want(t, 201)
	h.As(t, h.admin, "POST", "/departments/", `{"organization_id":2,"name":"X"}`).Want(t, 201)
	h.As(t, h.admin, "POST", "/users/", `{"email":"in-b@example.com","organization_id":2,"department_id":1}`).Want(t, 201, "id", 2)
	for name, c := range map[string]struct {
		method, path, body string
		want               []string
	}{
		"nothing": {"POST", "/users/", `{}`, []string{"body.email required"}},
		"an email, a name, a password and a place": {"POST", "/users/", `{"email":"alice","full_name":" ","password":"short","department_id":9}`, []string{"body.department_id unknown_department", "body.email email", "body.full_name blank", "body.organization_id required", "body.password too_short"}},
		"no email":                          {"POST", "/users/", `{"email":"alice"}`, []string{"body.email email"}},
		"unknown places, a short password":  {"POST", "/users/", `{"email":"a@example.com","password":"short","organization_id":9,"department_id":9}`, []string{"body.department_id unknown_department", "body.organization_id unknown_organization", "body.password too_short"}},
		"a department of another one":       {"POST", "/users/", `{"email":"a@example.com","organization_id":1,"department_id":1}`, []string{"body.department_id unknown_department"}},
		"a department without organization": {"POST", "/users/", `{"email":"a@example.com","department_id":1}`, []string{"body.organization_id required"}},
		"an unknown field":                  {"POST", "/users/", `{"email":"a@example.com","is_admin":true}`, []string{"body.is_admin unknown_field"}},
		"an own password":                   {"POST", "/users/", `{"email":"alice@example.com","password":"alice1234"}`, []string{"body.password too_personal"}},
		"a common password":                 {"POST", "/users/", `{"email":"a@example.com","password":"password1"}`, []string{"body.password too_common"}},
		"a move that leaves the department": {"PUT", "/users/2", `{"organization_id":1}`, []string{"body.department_id unknown_department"}},
		"a move to a department elsewhere":  {"PUT", "/users/2", `{"organization_id":1,"department_id":1}`, []string{"body.department_id unknown_department"}},
		"a move to nowhere":                 {"PUT", "/users/2", `{"organization_id":null}`, []string{"body.organization_id required"}},
		"null for what cannot be cleared":   {"PUT", "/users/2", `{"password":null,"is_active":null,"employment":null}`, []string{"body.employment null", "body.is_active null", "body.password null"}},
		"no email and no number any more":   {"PUT", "/users/2", `{"email":null,"joined_on":"2026-03-02","left_on":"2026-03-01"}`, []string{"body.email required", "body.left_on before_joined"}},
		"neither an email nor a number":     {"POST", "/users/", `{"email":null,"employee_number":null,"full_name":" "}`, []string{"body.email required", "body.full_name blank"}},
		"no number, no phone and no day":    {"POST", "/users/", `{"employee_number":"a@b","phone":"none","joined_on":"0000-01-01","left_on":"2026-03-01"}`, []string{"body.employee_number employee_number", "body.joined_on date", "body.phone phone"}},
		"only signs":                        {"POST", "/users/", `{"employee_number":"--","job":"","title":"\u0000","position":" "}`, []string{"body.job too_short"}},
		"signs and blanks":                  {"POST", "/users/", `{"employee_number":"--","title":"a\u0007b","position":" "}`, []string{"body.employee_number employee_number", "body.position blank", "body.title control_character"}},
		"days and states":                   {"PUT", "/users/2", `{"joined_on":"2026-02-30","left_on":"today","employment":"retired","phone":5}`, []string{"body.employment not_one_of", "body.joined_on date", "body.left_on date", "body.phone wrong_type"}},
		"a password and a place":            {"PUT", "/users/2", `{"password":"short","organization_id":null,"department_id":1}`, []string{"body.organization_id required", "body.password too_short"}},
		"no ids":                            {"GET", "/users/?id=0", "", []string{"query.id[0] too_small"}},
		"too many ids":                      {"GET", "/users/?id=1" + strings.Repeat(",2", 200), "", []string{"query.id too_many"}},
		"filters":                           {"GET", "/users/?is_active=maybe&employment=retired&organization_id=x&sort=password", "", []string{"query.employment not_one_of", "query.is_active not_one_of", "query.organization_id wrong_type", "query.sort not_one_of"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.As(t, h.admin, c.method, c.path, c.body).Want(t, 422)
			got := a.Violations()
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", diff, a.Body)
			}
		})
	}
}

// The numbers of the password's rules come apart from their sentences: they differ from one installation to another.
func TestUsers_passwordRulesHoldTheirNumbers(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) { s.App.Policy = domain.KoreanPublicPolicy() })
	for password, want := range map[string]map[string]any{
		"aB3!":                      {"min": 9.0},    // too_short
		"q7xkw2pzzm":                {"min": 3.0},    // too_few_classes
		"Alice!2345":                {"min": 9.0},    // too_personal
		strings.Repeat("aB3!", 257): {"max": 1024.0}, // too_long
	} {
		a := h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":"alice@example.com","password":%q}`, password)).Want(t, 422)
		if diff := cmp.Diff(want, a.Params("body.password")); diff != "" {
			t.Errorf("%s: %s", diff, a.Body)
		}
	}
}

func TestUsers_filters(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"A"}`).Want(t, 201)
	h.As(t, h.admin, "POST", "/departments/", `{"organization_id":1,"name":"X"}`).Want(t, 201)
	for i := range 6 {
		body := fmt.Sprintf(`{"email":"user%d@example.com","full_name":"Nurse %d","organization_id":1%s}`, i, 5-i, map[bool]string{true: `,"department_id":1`}[i%2 == 0])
		h.As(t, h.admin, "POST", "/users/", body).Want(t, 201)
	}
	h.As(t, h.admin, "POST", "/users/3/deactivate", "").Want(t, 200, "is_active", false)
	for query, want := range map[string]int{
		"organization_id=1": 6, "department_id=1": 3, "is_active=false": 1, "is_active=true&department_id=1": 3, "q=nurse+4": 1, "q=USER4@": 1,
		"organization_id=7": 0, "department_id=1&q=Nurse+5": 1,
		"id=2,3,7": 3, "id=2,2": 1, "id=2,99": 1, "id=99": 0, "id=2,3,4&department_id=1": 2, "id=2,3&is_active=false": 1, "id=2,3&q=nurse+5": 1,
		"id=1,2,3&organization_id=1&sort=-email&limit=1": 1,
	} {
		if a := h.As(t, h.admin, "GET", "/users/?"+query, "").Want(t, 200); len(a.List) != want {
			t.Errorf("%s: %d, want %d: %s", query, len(a.List), want, a.Body)
		}
	}
	var names []any
	path := "/users/?organization_id=1&limit=2&sort=full_name"
	for path != "" {
		a := h.As(t, h.admin, "GET", path, "").Want(t, 200)
		for _, u := range a.List {
			names = append(names, u["full_name"])
		}
		path = next(a)
	}
	if got := fmt.Sprint(names); got != "[Nurse 0 Nurse 1 Nurse 2 Nurse 3 Nurse 4 Nurse 5]" {
		t.Errorf("got %s", got)
	}
}

// What users belong to cannot be deleted, and the refusal says how many there are.
func TestUsers_keepTheirOrganization(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"A"}`).Want(t, 201)
	h.As(t, h.admin, "POST", "/departments/", `{"organization_id":1,"name":"X"}`).Want(t, 201)
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"B"}`).Want(t, 201)
	for i := range 3 {
		h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":"u%d@example.com","organization_id":1,"department_id":1}`, i)).Want(t, 201)
	}
	h.As(t, h.admin, "POST", "/users/", `{"email":"b@example.com","organization_id":2}`).Want(t, 201, "id", 5)
	h.As(t, h.admin, "DELETE", "/departments/1", "").Want(t, 409, "code", "in_use", "detail", "This is still in use: 3 users", "params", map[string]any{"what": "users", "count": 3.0})
	h.As(t, h.admin, "DELETE", "/organizations/2", "").Want(t, 409, "code", "in_use", "detail", "This is still in use: 1 user", "params", map[string]any{"what": "users", "count": 1.0})
	h.As(t, h.admin, "DELETE", "/users/5", "").Want(t, 204)
	h.As(t, h.admin, "DELETE", "/organizations/2", "").Want(t, 204)
	h.As(t, h.admin, "PUT", "/users/2", `{"organization_id":null,"department_id":null}`).Want(t, 200)
	h.As(t, h.admin, "DELETE", "/departments/1", "").Want(t, 409, "detail", "This is still in use: 2 users")
}

// An organization that goes while somebody joins it either stays, or the user does not join.
func TestUsers_joinWhatGoes(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for i := range 10 {
		id := h.As(t, h.admin, "POST", "/organizations/", fmt.Sprintf(`{"name":"O%d"}`, i)).Want(t, 201).ID()
		var joined, gone int
		var both sync.WaitGroup
		both.Go(func() {
			joined = h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"email":"j%d@example.com","organization_id":%d}`, i, id)).Status
		})
		both.Go(func() { gone = h.As(t, h.admin, "DELETE", fmt.Sprintf("/organizations/%d", id), "").Status })
		both.Wait()
		if (joined != 201 || gone != 409) && (joined != 422 || gone != 204) {
			t.Errorf("joined %d, gone %d", joined, gone)
		}
	}
}

// An ETag is of one version; a change of one that is not there any more is refused.
func TestUsers_conditions(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	a := h.As(t, h.admin, "POST", "/users/", `{"email":"a@example.com"}`).Want(t, 201)
	seen := a.Header.Get("ETag")
	h.As(t, h.admin, "GET", "/users/2", "", "If-None-Match", seen).Want(t, 304)
	h.As(t, h.admin, "PUT", "/users/2", `{"full_name":"A"}`, "If-Match", seen).Want(t, 200)
	h.As(t, h.admin, "PUT", "/users/2", `{"full_name":"B"}`, "If-Match", seen).Want(t, 412)
	h.As(t, h.admin, "DELETE", "/users/2", "", "If-Match", seen).Want(t, 412)
	h.As(t, h.admin, "GET", "/users/2", "").Want(t, 200, "full_name", "A")
}
