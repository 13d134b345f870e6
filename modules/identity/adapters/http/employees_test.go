package http_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"erp.internal/modules/identity"
	"erp.internal/platform/httpx/apitest"
)

// employees makes two organizations, the first with a department.
func (h *hospital) employees(t *testing.T) {
	t.Helper()
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"한빛병원"}`).Want(t, 201, "id", 1)
	h.As(t, h.admin, "POST", "/organizations/", `{"name":"두빛병원"}`).Want(t, 201, "id", 2)
	h.As(t, h.admin, "POST", "/departments/", `{"organization_id":1,"name":"내과"}`).Want(t, 201, "id", 1)
}

// employee makes a user and returns the id.
func (h *hospital) employee(t *testing.T, body string) int64 {
	t.Helper()
	return h.As(t, h.admin, "POST", "/users/", body).Want(t, 201).ID()
}

func TestEmployees(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	all := []any{
		"email", nil, "employee_number", "2026-0117", "employment", "on_leave", "joined_on", "2026-03-01", "left_on", "2026-12-31",
		"phone", "02-1234-5678 (내선 12)", "job", "간호사", "title", "주임", "position", "파트장", "is_active", true,
	}
	id := h.As(t, h.admin, "POST", "/users/", `{"full_name":"김앨리스","employee_number":" 2026-0117 ","organization_id":1,"department_id":1,"employment":"on_leave",
		"joined_on":"2026-03-01","left_on":"2026-12-31","phone":"02-1234-5678  (내선 12)","job":"간호사","title":"주임","position":"파트장"}`).Want(t, 201, all...).ID()
	path := fmt.Sprintf("/users/%d", id)
	h.As(t, h.admin, "GET", path, "").Want(t, 200, all...)
	h.As(t, h.admin, "PUT", path, `{"full_name":"김앨리스"}`).Want(t, 200, all...)

	h.As(t, h.admin, "PUT", path, `{"email":"alice@example.com","employee_number":null,"left_on":null,"phone":null,"title":null,"employment":"employed"}`).
		Want(t, 200, "email", "alice@example.com", "employee_number", nil, "left_on", nil, "phone", nil, "title", nil, "employment", "employed", "job", "간호사", "joined_on", "2026-03-01")
	h.As(t, h.admin, "PUT", path, `{"email":null}`).Want(t, 422)
	h.As(t, h.admin, "PUT", path, `{"email":null,"employee_number":"A-7"}`).Want(t, 200, "email", nil, "employee_number", "A-7")
	h.As(t, h.admin, "PUT", path, `{"employment":"left","left_on":"2026-06-30"}`).Want(t, 200, "employment", "left", "is_active", true) // the account stays
	h.As(t, h.admin, "PUT", path, `{"joined_on":"2026-07-01"}`).Want(t, 422, "detail", "left_on: must not be before the day on which the user joined")
}

// An employee number is one user's among those of the organization who are not deleted, however it is written.
func TestEmployees_numbersAreUnique(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	taken := func(a apitest.Answer) {
		t.Helper()
		a.Want(t, 400, "code", "user.employee_number_taken", "detail", "Employee number already in use in the organization")
	}
	first := h.employee(t, `{"employee_number":"n-7","organization_id":1}`)
	other := h.employee(t, `{"employee_number":"N-7","organization_id":2}`)
	h.employee(t, `{"employee_number":"n-7"}`)
	for _, number := range []string{"n-7", "N-7", "ｎ-７", " n-7 ", "n-\u200b7"} {
		for _, more := range []string{"", `,"password":"a long secret"`, `,"department_id":1`} {
			taken(h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{"employee_number":%q,"organization_id":1%s}`, number, more)))
		}
	}
	taken(h.As(t, h.admin, "POST", "/users/", `{"employee_number":"N-7","password":"a long secret"}`))
	taken(h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", other), `{"organization_id":1}`))
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", other), `{"organization_id":1,"employee_number":"N-8"}`).Want(t, 200)
	taken(h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", other), `{"employee_number":"n-7","password":"a long secret"}`))
	h.As(t, h.admin, "DELETE", fmt.Sprintf("/users/%d", first), "").Want(t, 204)
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", other), `{"employee_number":"n-7"}`).Want(t, 200, "employee_number", "n-7")
	h.employee(t, `{"employee_number":"00123","organization_id":1}`)
	h.employee(t, `{"employee_number":"123","organization_id":1}`)

	statuses := h.storm(t, 8, func() int {
		return h.As(t, h.admin, "POST", "/users/", `{"employee_number":"at once","organization_id":1}`).Status
	})
	if statuses[201] != 1 || statuses[400] != 7 {
		t.Errorf("eight at once: %v", statuses)
	}
}

func TestEmployees_lists(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	alice := h.employee(t, `{"employee_number":"B-2","full_name":"김앨리스","email":"alice@example.com","organization_id":1,"department_id":1}`)
	bob := h.employee(t, `{"employee_number":"A-1","full_name":"이밥","organization_id":1,"employment":"on_leave"}`)
	carol := h.employee(t, `{"employee_number":"b-2","organization_id":2,"employment":"left"}`)
	nobody := h.employee(t, `{"email":"b-2@example.com","organization_id":1}`)
	admin := int64(1)
	for query, want := range map[string][]int64{
		"employee_number=b-2":                            {alice, carol},
		"employee_number=B-2&organization_id=1":          {alice},
		"employee_number=B":                              {},
		"employment=employed":                            {admin, alice, nobody},
		"employment=on_leave":                            {bob},
		"employment=left":                                {carol},
		"employment=left&organization_id=1":              {},
		"employment=on_leave&within=organization:1":      {bob},
		"sort=employee_number":                           {admin, nobody, bob, alice, carol},
		"sort=-employee_number&organization_id=1":        {alice, bob, nobody},
		"sort=email&limit=3":                             {bob, carol, alice},
		"q=a-1":                                          {bob},
		"q=B-2":                                          {alice, carol, nobody},
		"q=" + "%EC%95%A8%EB%A6%AC%EC%8A%A4+b2":          {}, // the words of one text
		"q=b2&employment=employed":                       {alice, nobody},
		"department_id=1&sort=employee_number":           {alice},
		"sort=employee_number&organization_id=1&limit=1": {nobody},
	} {
		got := []int64{}
		for _, u := range h.As(t, h.admin, "GET", "/users/?"+query, "").Want(t, 200).List {
			got = append(got, int64(u["id"].(float64)))
		}
		if strings.Contains(query, "sort=employee_number") && !strings.Contains(query, "&") && len(got) == len(want) { // b-2 and B-2: as the database sorts
			slices.Sort(got[3:])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	var numbers []any
	for path := "/users/?limit=1&sort=-employee_number"; path != ""; {
		a := h.As(t, h.admin, "GET", path, "").Want(t, 200)
		numbers = append(numbers, a.List[0]["employee_number"])
		path = next(a)
	}
	if len(numbers) != 5 || numbers[2] != "A-1" || numbers[3] != nil || numbers[4] != nil {
		t.Errorf("page by page: %v", numbers)
	}
	for q, want := range map[string][3]any{
		"a-1":                {"이밥", "A-1", "exact"},
		"%EC%9D%B4%EB%B0%A5": {"이밥", "A-1", "exact"}, // by the name
		"alice":              {"김앨리스", "alice@example.com", "prefix"},
	} {
		a := h.As(t, h.admin, "GET", "/search?q="+q, "").Want(t, 200)
		if len(a.List) != 1 || a.List[0]["name"] != want[0] || a.List[0]["detail"] != want[1] || a.List[0]["rank"] != want[2] {
			t.Errorf("%s: %s", q, a.Body)
		}
	}
	if a := h.As(t, h.admin, "GET", "/search?q=b-2", "").Want(t, 200); len(a.List) != 3 || a.List[2]["rank"] == "exact" {
		t.Errorf("numbers and an email: %s", a.Body)
	}
}

func (h *hospital) loginAt(t *testing.T, organization int, name, password string) apitest.Answer {
	t.Helper()
	return h.Do(t, "POST", "/auth/login", fmt.Sprintf(`{"email":%q,"password":%q,"organization_id":%d}`, name, password, organization))
}

// An employee number signs in like an email, alone if it is one user's, else with the organization. The refusal is always the
// same, so that it tells nothing of who has the number.
func TestSignIn_byEmployeeNumber(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	h.employee(t, `{"employee_number":"A-1","organization_id":1,"password":"secret123"}`)
	h.employee(t, `{"employee_number":"b-2","email":"bob@example.com","organization_id":1,"password":"bob's secret 1"}`)
	h.employee(t, `{"employee_number":"B-2","organization_id":2,"password":"carol's secret 2"}`)
	h.employee(t, `{"employee_number":"C-3","organization_id":2}`)
	h.login(t, "a-1", "secret123").Want(t, 200)
	h.login(t, "Ａ-1", "secret123").Want(t, 200)
	h.loginAt(t, 1, "A-1", "secret123").Want(t, 200)
	h.login(t, "bob@example.com", "bob's secret 1").Want(t, 200)
	h.loginAt(t, 1, "B-2", "bob's secret 1").Want(t, 200)
	h.loginAt(t, 2, "b-2", "carol's secret 2").Want(t, 200)
	h.loginAt(t, 2, "bob@example.com", "bob's secret 1").Want(t, 200) // an email is one user's anywhere
	h.Do(t, "POST", "/auth/session", `{"email":"a-1","password":"secret123","organization_id":null}`).Want(t, 200)

	want := ""
	for _, a := range []apitest.Answer{
		h.login(t, "unknown@example.com", "secret123"),
		h.login(t, "unknown", "secret123"), h.login(t, "A-1", "wrong password"), h.loginAt(t, 2, "A-1", "secret123"), h.loginAt(t, 99, "A-1", "secret123"),
		h.login(t, "B-2", "bob's secret 1"), h.login(t, "B-2", "carol's secret 2"), h.login(t, "B-2", "wrong password"),
		h.loginAt(t, 1, "B-2", "carol's secret 2"), h.login(t, "C-3", "secret123"), h.login(t, " ", "secret123"), h.login(t, "@", "secret123"),
	} {
		a.Want(t, 401, "code", "identity.sign_in_refused")
		delete(a.Object, "request_id")
		if got := fmt.Sprint(a.Object, a.Header.Get("WWW-Authenticate")); want == "" {
			want = got
		} else if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Failures count for the account, whichever of its names was typed, and for no other account with the same number.
func TestLocks_underAllNamesOfAnAccount(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	bob := h.employee(t, `{"employee_number":"B-2","email":"bob@example.com","organization_id":1,"password":"bob's secret 1"}`)
	h.employee(t, `{"employee_number":"B-2","organization_id":2,"password":"carol's secret 2"}`)
	for range 5 {
		h.login(t, "bob@example.com", "wrong password").Want(t, 401)
	}
	h.loginAt(t, 1, "B-2", "bob's secret 1").Want(t, 200) // which forgets them
	known := device(h.login(t, "bob@example.com", "bob's secret 1").Want(t, 200))
	for i := range 10 {
		if i%2 == 0 {
			h.login(t, "bob@example.com", "wrong password").Want(t, 401)
		} else {
			h.loginAt(t, 1, "b-2", "wrong password").Want(t, 401)
		}
	}
	h.login(t, "bob@example.com", "bob's secret 1").Want(t, 401)
	h.loginAt(t, 1, "B-2", "bob's secret 1").Want(t, 401)
	h.loginAt(t, 2, "B-2", "carol's secret 2").Want(t, 200)
	h.loginOn(t, known, "bob@example.com", "bob's secret 1").Want(t, 200)
	h.Do(t, "POST", "/auth/login", `{"email":"B-2","organization_id":1,"password":"bob's secret 1"}`, "Cookie", deviceCookie+"="+known).Want(t, 200)
	for range 10 {
		h.login(t, "B-2", "wrong password").Want(t, 401) // nobody's: it locks neither
	}
	h.loginAt(t, 2, "B-2", "carol's secret 2").Want(t, 200)

	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/unlock", bob), "").Want(t, 200)
	h.loginAt(t, 1, "B-2", "bob's secret 1").Want(t, 200)
	h.login(t, "bob@example.com", "bob's secret 1").Want(t, 200)
	if n := h.count(t, fmt.Sprintf("SELECT count(*) FROM journal.entries WHERE kind = 'user.unlocked' AND user_id = %d", bob)); n != 1 {
		t.Errorf("it is recorded %d times that the account was unlocked", n)
	}
}

// Strangers who failed under the former name of a user do not know the new one.
func TestLocks_endWithAnotherName(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	bob := h.employee(t, `{"employee_number":"B-2","email":"bob@example.com","organization_id":1,"password":"bob's secret 1"}`)
	for change, name := range map[string]string{`{"email":"robert@example.com"}`: "robert@example.com", `{"employee_number":"B-3"}`: "B-3"} {
		for range 10 {
			h.login(t, "bob@example.com", "wrong password").Want(t, 401)
			h.login(t, "B-2", "wrong password").Want(t, 401)
		}
		h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", bob), change).Want(t, 200)
		h.login(t, name, "bob's secret 1").Want(t, 200)
		h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", bob), `{"email":"bob@example.com","employee_number":"B-2"}`).Want(t, 200)
	}
}

// Of many attempts at once under both names of an account no more are evaluated than may fail.
func TestLocks_atOnceUnderAllNames(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	h.employee(t, `{"employee_number":"B-2","email":"bob@example.com","organization_id":1,"password":"bob's secret 1"}`)
	names := make(chan string, 60)
	for range 30 {
		names <- "bob@example.com"
		names <- "B-2"
	}
	outcomes := h.storm(t, 60, func() int { return h.login(t, <-names, "wrong password").Status })
	if outcomes[401]+outcomes[429] != 60 {
		t.Errorf("got %v", outcomes)
	}
	if n := h.count(t, "SELECT count(*) FROM identity.sign_ins WHERE outcome = 'wrong_password'"); n > 10 {
		t.Errorf("%d were evaluated, the limit is 10", n)
	}
	h.login(t, "B-2", "bob's secret 1").Want(t, 401)
}

// Attempts under one name that are being evaluated do not show in the answer to another name: that would tell that both are
// one account's.
func TestLocks_anotherNameIsNotBusy(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.employees(t)
	bob := h.employee(t, `{"employee_number":"B-2","email":"bob@example.com","organization_id":1,"password":"bob's secret 1"}`)
	h.login(t, "B-2", "wrong password").Want(t, 401)
	h.exec(t, "UPDATE identity.attempts SET count = 10 WHERE kind IN ('account', 'user')") // as while they are evaluated
	h.login(t, "B-2", "bob's secret 1").Want(t, 429, "code", "identity.too_many_at_once")
	h.login(t, "bob@example.com", "bob's secret 1").Want(t, 401, "code", "identity.sign_in_refused")
	h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/unlock", bob), "").Want(t, 200)
	h.login(t, "bob@example.com", "bob's secret 1").Want(t, 200)
}

// A user without an email is given the code by the administrator, also where codes are sent by mail.
func TestResets_withoutAnEmail(t *testing.T) {
	t.Parallel()
	h := newHospital(t, func(s *identity.Settings) {
		s.Mail.Addr, s.Mail.From, s.Mail.TLS = "127.0.0.1:1", "erp@example.org", "none"
	})
	h.employees(t)
	id := h.employee(t, `{"employee_number":"A-1","organization_id":1}`)
	h.employee(t, `{"employee_number":"a-1","organization_id":2}`)
	code, _ := h.As(t, h.admin, "POST", fmt.Sprintf("/users/%d/password-reset", id), "").Want(t, 200).Object["code"].(string)
	redeem := func(organization, code string) apitest.Answer {
		return h.Do(t, "POST", "/auth/password-reset", fmt.Sprintf(`{"email":"A-1","code":%q,"new_password":"a new secret"%s}`, code, organization))
	}
	redeem("", code).Want(t, 401, "code", "identity.code_refused")
	redeem(`,"organization_id":2`, code).Want(t, 401, "code", "identity.code_refused")
	redeem(`,"organization_id":1`, code).Want(t, 204)
	h.loginAt(t, 1, "A-1", "a new secret").Want(t, 200)
}

// What others know of a user is no password.
func TestEmployees_ownNumbersAreNoPassword(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for password, words := range map[string]string{
		"20260117ab":    `"employee_number":"20260117"`,
		"010-1234-5678": `"employee_number":"A","phone":"010-1234-5678"`,
		"01012345678":   `"employee_number":"A","phone":"010-1234-5678"`,
		"5678abcde":     `"employee_number":"A","phone":"010 1234 5678"`,
	} {
		h.As(t, h.admin, "POST", "/users/", fmt.Sprintf(`{%s,"password":%q}`, words, password)).Want(t, 422)
	}
	id := h.employee(t, `{"employee_number":"20260117","password":"another secret"}`)
	h.As(t, h.admin, "PUT", fmt.Sprintf("/users/%d", id), `{"password":"20260117ab"}`).Want(t, 422)
	who := h.SignIn(t, "20260117", "another secret")
	h.As(t, who, "POST", "/auth/password", `{"current_password":"another secret","new_password":"20260117ab"}`).Want(t, 422)
	h.As(t, who, "GET", "/auth/me", "").Want(t, 200, "email", nil, "employee_number", "20260117")
	h.As(t, who, "PUT", "/auth/me", `{"email":null,"employee_number":"20260117","employment":"employed","phone":null,"full_name":"x"}`).Want(t, 200, "full_name", "x")
	a := h.As(t, who, "PUT", "/auth/me", `{"email":"a@example.com","employee_number":"1","employment":"left","joined_on":"2026-01-01","left_on":"2026-01-01","phone":"1","job":"a","title":"b","position":"c"}`).Want(t, 422)
	if got := a.Violations(); len(got) != 9 || !strings.Contains(fmt.Sprint(got), "body.joined_on cannot_change") {
		t.Errorf("got %v", got)
	}
}
